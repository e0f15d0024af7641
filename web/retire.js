// The service worker that serve has: it takes the place of one that a built site has left at this origin, removes what
// that one kept, and ends itself. Without it the browser would go on to show the old site.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(retire()))

async function retire() {
  const { registration, clients } = self, pages = await clients.matchAll({ type: 'window' })
  await caches.delete('era ' + registration.scope)
  await registration.unregister()
  // A page reloads itself: sent to its own address, one with a fragment would only scroll.
  for (const page of pages) page.postMessage('reload')
}
