// What few pages need of the scripts that keep the book, and keep it out of frames.
import { load } from './load.js'

const { dataset } = document.currentScript

// keepOffline loads what keeps a built book for reading without a network, once the page is there.
export function keepOffline() {
  if ('offline' in dataset) addEventListener('load', () => load('static/offline.js'))
}

// refuseFrame puts a link in the place of a page that theme.js has hidden.
export function refuseFrame() {
  if (document.documentElement.hidden) load('static/framed.js')
}
