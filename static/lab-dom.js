// Small help for building the page: elements, icons, and loading recordings and sources as classic scripts, which
// works on any host and from disk.
(function () {
  'use strict'
  const era = globalThis.era ??= {}

  // el makes an element. Properties named on… are listeners, data and aria attributes go by their names.
  era.el = (tag, props = {}, ...children) => {
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

  // visible spells out what acts on a page instead of standing in it, control characters and marks that turn the direction of
  // text round, in all texts of what came over the wire. lab/visible does it for terminals.
  const acts = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
  era.visible = what => {
    if (typeof what === 'string') return what.replace(acts, c => '\\u' + c.charCodeAt().toString(16).padStart(4, '0'))
    if (Array.isArray(what)) return what.map(era.visible)
    if (what && typeof what === 'object') return Object.fromEntries(Object.entries(what).map(pair => pair.map(era.visible)))
    return what
  }

  const svg = 'http://www.w3.org/2000/svg'
  const paths = {
    play: 'M5 3l9 5.5L5 14z', pause: 'M4 3h3v11H4zM10 3h3v11h-3z', stop: 'M4 4h9v9H4z',
    previous: 'M11 3v11L4 8.500zM3 3h1.500v11H3z', next: 'M6 3v11l7-5.500zM12.500 3H14v11h-1.500z',
    plus: 'M7.500 3h2v4.500H14v2H9.500V14h-2V9.500H3v-2h4.500z', minus: 'M3 7.500h11v2H3z',
    fit: 'M2 4h1.500v9H2zM13.500 4H15v9h-1.500zM4.500 8.500L8 5v2.500h1V5l3.500 3.500L9 12V9.500H8V12z',
    left: 'M11 3L5 8.500l6 5.500z', right: 'M6 3l6 5.500L6 14z', close: 'M4 3l4.500 4.500L13 3l1 1-4.500 4.500L14 13l-1 1-4.500-4.500L4 14l-1-1 4.500-4.500L3 4z',
  }
  era.icon = name => {
    const icon = document.createElementNS(svg, 'svg'), path = document.createElementNS(svg, 'path')
    for (const [key, value] of Object.entries({ viewBox: '0 0 17 17', width: 17, height: 17, 'aria-hidden': 'true' })) icon.setAttribute(key, value)
    path.setAttribute('d', paths[name])
    icon.append(path)
    return icon
  }
  // button makes a button with an icon, which is named by its label.
  era.button = (icon, label, onclick) => era.el('button', { type: 'button', class: 'lab-icon', 'aria-label': label, title: label, onclick }, era.icon(icon))

  // turning is the listener of a button that says Run and Stop in turn. A click of the pointer within half a second of the change
  // was meant for what the button said before, as the second of a double click is; keys count at once.
  era.turning = (changed, act) => event => { if (!event.detail || event.timeStamp - changed > 500) act() }

  // Script addresses are made from names of the book only; the policy refuses everything else.
  const safe = /^(recordings|sources)\/[\w./-]+\.js$/
  const check = url => {
    if (!safe.test(url) || url.includes('..')) throw new TypeError('not a script of the book: ' + url)
    return url
  }
  const policy = globalThis.trustedTypes?.createPolicy('era', { createScriptURL: check }) ?? { createScriptURL: check }

  const arrived = new Map() // by address, what a script brought
  const loading = new Map()
  era.recording = (name, recording) => arrived.set('recordings/' + name + '.js', recording)
  era.source = (path, lines) => arrived.set('sources/' + path + '.js', lines)
  // load gives what recordings/NAME.js or sources/PATH.js holds.
  era.load = url => {
    if (!loading.has(url)) {
      loading.set(url, new Promise((resolve, reject) => {
        const script = document.createElement('script')
        script.src = policy.createScriptURL(url)
        script.addEventListener('load', () => arrived.has(url) ? resolve(arrived.get(url)) : reject(new Error(url + ' holds nothing')))
        script.addEventListener('error', () => { loading.delete(url); script.remove(); reject(new Error(url + ' could not be loaded')) })
        document.head.append(script)
      }))
    }
    return loading.get(url)
  }

  era.calm = matchMedia('(prefers-reduced-motion: reduce)')

  // store keeps small things for as long as the tab is open; some browsers refuse it on file://.
  era.store = {
    get(key) { try { return JSON.parse(sessionStorage.getItem('era ' + key)) } catch { return null } },
    set(key, value) { try { sessionStorage.setItem('era ' + key, JSON.stringify(value)) } catch { /* then it is forgotten */ } },
  }
})()
