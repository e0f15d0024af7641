import { load } from './load.js'

// keepOffline loads what keeps the book for reading without a network, once the page is there. Pages of serve do not ask
// for it; from disk, in a frame and on a host without https it does not work.
export function keepOffline() {
  if (!document.querySelector('meta[name=era-offline]') || !navigator.serviceWorker || self !== top) return
  if (location.protocol.startsWith('http')) addEventListener('load', () => load('offline.js'))
}
