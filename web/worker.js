// The service worker of a built site, which reads without a network once it is installed. serve build writes sw.js:
// first self.files, the names of all files, each with the beginning of the SHA-256 of its content, then this script.
import { nameOf } from './offline/names.js'

const files = new Map(Object.entries(self.files)), { scope } = self.registration
const shelf = 'era ' + scope // of the cache
const atOnce = 6

// place is where a file is kept, by its content: the worker that is being installed and the one that is in use share
// the cache, and neither sees the other's files.
const place = name => `${scope}${name}?${files.get(name)}`

// A host's own rules are kept with a file. What else it says is about the way here.
const kept = ['Content-Type', 'Content-Security-Policy', 'X-Frame-Options', 'X-Content-Type-Options', 'Referrer-Policy']

async function hashOf(body) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', body), 0, 8)
  return [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

// take fetches a file. One that is not as the list has it belongs to another edition, or was changed by the host.
async function take(cache, name) {
  const answer = await fetch(scope + name, { cache: 'no-cache' }), body = await answer.arrayBuffer()
  if (await hashOf(body) !== files.get(name)) throw new Error(`${name} is not the file of this edition`)
  const headers = new Headers()
  for (const header of kept) if (answer.headers.has(header)) headers.set(header, answer.headers.get(header))
  await cache.put(place(name), new Response(body, { headers }))
}

// install succeeds when all files are there. What has come stays when it fails, so that the next try has less to do.
async function install() {
  const cache = await caches.open(shelf), there = new Set((await cache.keys()).map(({ url }) => url))
  const missing = [...files.keys()].filter(name => !there.has(place(name)))
  const takeAll = async () => {
    while (missing.length) await take(cache, missing.pop())
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, takeAll))
  } finally {
    missing.length = 0 // if one failed, the others stop
  }
}

// activate removes the files of other editions. The page that is open is of this one, or no worker had it before.
async function activate() {
  const cache = await caches.open(shelf), wanted = new Set([...files.keys()].map(place))
  for (const request of await cache.keys()) {
    if (!wanted.has(request.url)) await cache.delete(request)
  }
  await self.clients.claim()
}

// answer asks the network only for what the browser has thrown away.
async function answer(request, name) {
  const cache = await caches.open(shelf)
  return await cache.match(place(name)) ?? fetch(request)
}

self.addEventListener('install', event => event.waitUntil(install()))
self.addEventListener('activate', event => event.waitUntil(activate()))
self.addEventListener('fetch', event => {
  const name = event.request.method === 'GET' && nameOf(event.request.url, scope, files)
  if (name) event.respondWith(answer(event.request, name))
})
// The reader has asked for the new edition.
self.addEventListener('message', event => { if (event.data === 'take over') self.skipWaiting() })
