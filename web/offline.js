// Keeps the book in the browser, for reading without a network, and offers a newer edition when the host has one.
// page.js loads it in pages of a built site.
const base = new URL('..', document.currentScript.src).href, worker = base + 'sw.js'
const rules = {
  createScriptURL(url) {
    if (url !== worker) throw new TypeError('not the worker of the book: ' + url)
    return url
  },
}
const policy = globalThis.trustedTypes?.createPolicy('era-offline', rules) ?? rules
const { serviceWorker: workers, connection } = navigator
let isKept = Boolean(workers?.controller) // the page comes from this browser, or its files do
let isAsked = false // for the new edition, in this tab

function make(tag, props, ...children) {
  const element = Object.assign(document.createElement(tag), props)
  element.append(...children)
  return element
}
const button = (textContent, onclick) => make('button', { type: 'button', textContent, onclick })
const note = make('p', { role: 'status' })

// offer shows a sentence with a button at the edge of the window. Nothing happens to the page until the reader presses
// it.
let offered
function offer(text, label, act) {
  offered?.remove()
  const words = make('p', { role: 'status' })
  offered = make('div', { className: 'edition' }, words, button(label, act), button('Later', () => offered.remove()))
  document.body.append(offered)
  words.textContent = text // it is read aloud, as it comes after the element
}

function look(registration) {
  if (registration.waiting && workers.controller) {
    offer('There is a newer edition of this book.', 'Show it', () => {
      isAsked = true
      registration.waiting.postMessage('take over')
    })
  } else if (registration.active) {
    note.textContent = 'This book is kept in this browser, and reads without a network.'
  }
}

async function keep() {
  note.textContent = ''
  let registration
  try {
    registration = await workers.register(policy.createScriptURL(worker))
  } catch (error) { // in a private window, for example
    console.info(error.message)
    return
  }
  const follow = () => registration.installing?.addEventListener('statechange', () => look(registration))
  registration.addEventListener('updatefound', follow)
  follow()
  look(registration)
}

function begin() {
  document.head.append(
    make('link', { rel: 'manifest', href: base + 'manifest.webmanifest' }),
    make('link', { rel: 'stylesheet', href: base + 'static/offline.css' }))
  document.querySelector('.colophon')?.append(note)
  workers.addEventListener('controllerchange', () => {
    const reload = () => location.reload()
    if (isAsked) reload()
    else if (isKept) offer('A newer edition of this book was opened in another tab.', 'Show it here', reload)
    isKept = true
  })
  // The page is one that was kept, and now serve is at its address.
  workers.addEventListener('message', ({ data }) => { if (data === 'reload') location.reload() })
  // A reader who saves data is asked first.
  if (connection?.saveData && !isKept) note.append(button('Keep this book for reading without a network', keep))
  else keep()
}

// Not in a frame of another page, from disk, or on a host without https.
if (self === top && workers && location.protocol !== 'file:') begin()
