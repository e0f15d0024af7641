// Recordings and sources are classic scripts that are loaded when they are needed, because that works on any host and
// from disk, where neither fetch nor modules do. Each is one call: era.recording(name, recording) or era.source(path,
// lines). So is what of the lab few readers need, such as the table of events: era.late(name, function).
import { up } from './places.js'

const arrived = new Map() // by address, the content of a script
const loading = new Map() // by address, a promise of the content

export const recording = (name, content) => arrived.set('recordings/' + name + '.js', content)
export const source = (path, lines) => arrived.set('sources/' + path + '.js', lines)
export const late = (name, act) => arrived.set('static/' + name + '.js', act)

// Addresses are made only from names of the book; the policy refuses all others.
const safe = /^(recordings|sources|static)\/[\w./-]+\.js$/
function checked(url) {
  if (!safe.test(url) || url.includes('..')) throw new TypeError('not a script of the book: ' + url)
  return up + url
}
const rules = { createScriptURL: checked }
const policy = globalThis.trustedTypes?.createPolicy('era', rules) ?? rules

// load returns the content of recordings/NAME.js, sources/PATH.js or static/NAME.js. An address that failed can be
// requested again.
export function load(url) {
  if (!loading.has(url)) loading.set(url, run(url))
  return loading.get(url)
}

async function run(url) {
  const script = document.createElement('script')
  script.src = policy.createScriptURL(url)
  document.head.append(script)
  try {
    await new Promise((resolve, reject) => {
      script.addEventListener('load', resolve)
      script.addEventListener('error', () => reject(new Error(url + ' could not be loaded')))
    })
  } catch (error) {
    loading.delete(url)
    script.remove()
    throw error
  }
  if (!arrived.has(url)) throw new Error(url + ' holds nothing')
  return arrived.get(url)
}
