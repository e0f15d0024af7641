// Helpers for building the page: elements, icons, buttons.

// calm matches when the reader wants little motion.
export const calm = matchMedia('(prefers-reduced-motion: reduce)')

// onRecolour calls back when colours may have changed: the theme of the page, or what the reader's system dictates.
export function onRecolour(act) {
  for (const wish of ['(prefers-color-scheme: dark)', '(forced-colors: active)']) {
    matchMedia(wish).addEventListener('change', act)
  }
  const watched = { attributes: true, attributeFilter: ['data-theme', 'class'] }
  new MutationObserver(act).observe(document.documentElement, watched)
}

// el makes an element. Properties named on… are listeners, data- and aria- properties become attributes. Children that
// are null or undefined are left out.
export function el(tag, props = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (name === 'class') element.className = value
    else if (name in element && !name.startsWith('aria')) element[name] = value
    else if (value !== undefined) element.setAttribute(name, value)
  }
  element.append(...children.filter(child => child !== null && child !== undefined))
  return element
}

// say sets the text of an element, if it is another: the page is laid out anew for each that is set.
export const say = (element, text) => { if (element.textContent !== text) element.textContent = text }

const svg = 'http://www.w3.org/2000/svg'
const paths = {
  play: 'M5 3l9 5.5L5 14z',
  pause: 'M4 3h3v11H4zM10 3h3v11h-3z',
  stop: 'M4 4h9v9H4z',
  previous: 'M11 3v11L4 8.5zM3 3h1.5v11H3z',
  next: 'M6 3v11l7-5.5zM12.5 3H14v11h-1.5z',
  plus: 'M7.5 3h2v4.5H14v2H9.5V14h-2V9.5H3v-2h4.5z',
  minus: 'M3 7.5h11v2H3z',
  fit: 'M2 4h1.5v9H2zM13.5 4H15v9h-1.5zM4.5 8.5L8 5v2.5h1V5l3.5 3.5L9 12V9.5H8V12z',
  left: 'M11 3L5 8.5l6 5.5z',
  right: 'M6 3l6 5.5L6 14z',
  close: 'M4 3l4.5 4.5L13 3l1 1-4.5 4.5L14 13l-1 1-4.5-4.5L4 14l-1-1 4.5-4.5L3 4z',
}

export function icon(name) {
  const icon = document.createElementNS(svg, 'svg'), path = document.createElementNS(svg, 'path')
  const attributes = { viewBox: '0 0 17 17', width: 17, height: 17, 'aria-hidden': 'true' }
  for (const [key, value] of Object.entries(attributes)) icon.setAttribute(key, value)
  path.setAttribute('d', paths[name])
  icon.append(path)
  return icon
}

// iconButton makes a button with an icon; its label is its accessible name, and shown beside it by the style sheet.
export const iconButton = (name, label, onclick) =>
  el('button', { type: 'button', class: 'lab-icon', 'aria-label': label, onclick }, icon(name))

// textButton makes an ordinary button; props may add properties or change them.
export const textButton = (text, onclick, props = {}) =>
  el('button', { type: 'button', class: 'lab-button', onclick, ...props }, text)

// runButton makes the one button that starts and stops: {button, show}. show gives it an icon, its words and what it
// does. A pointer click within half a second of new words, such as the second of a double click, was meant for the
// words before and is ignored; keys count at once.
export function runButton() {
  let act, changed = -Infinity
  const onclick = event => {
    if (!event.detail || event.timeStamp - changed > 500) act()
  }
  const button = el('button', { type: 'button', class: 'lab-run', onclick })
  const show = (name, text, next) => {
    act = next
    if (button.textContent === text) return
    if (button.textContent) changed = performance.now()
    button.replaceChildren(icon(name), text)
  }
  return { button, show }
}

// scrollBox holds a table that may be wider than the page, so that the keyboard can scroll it.
export const scrollBox = (label, ...children) =>
  el('div', { class: 'lab-scroll', tabIndex: 0, role: 'group', 'aria-label': label }, ...children)

// download saves a text as a file.
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  el('a', { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10000)
}
