// Checks the page as it is and returns what is wrong with it for people who do not see it, see little, or use no mouse.
(() => {
  const wrong = []
  const name = e => {
    const classes = typeof e.className === 'string' && e.className
      ? '.' + e.className.trim().split(/\s+/).join('.') : ''
    return e.tagName.toLowerCase() + (e.id ? '#' + e.id : classes) + ' "' +
      (e.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 40) + '"'
  }
  const all = selector => [...document.querySelectorAll(selector)]
  const seen = e => e.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) &&
    !e.closest('[inert]') && e.getClientRects().length > 0
  const quiet = e => {
    const b = e.getBoundingClientRect()
    return b.width <= 1 || b.height <= 1 || getComputedStyle(e).clipPath === 'inset(50%)'
  }

  // Structure
  if (!document.documentElement.lang) wrong.push('the page has no language')
  if (!document.title) wrong.push('the page has no title')
  if (all('main').length !== 1) wrong.push(all('main').length + ' main elements')
  if (all('h1').filter(seen).length !== 1) wrong.push(all('h1').filter(seen).length + ' headings of the first level')
  let level = 0
  for (const h of all('h1,h2,h3,h4,h5,h6').filter(seen)) {
    const now = Number(h.tagName[1])
    if (level && now > level + 1) wrong.push(`from h${level} to h${now}: ${name(h)}`)
    level = now
  }
  const ids = new Set()
  for (const e of all('[id]')) {
    if (ids.has(e.id)) wrong.push('twice the id ' + e.id)
    ids.add(e.id)
  }
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) {
    for (const e of all(`[${attribute}]`)) {
      for (const id of e.getAttribute(attribute).split(/\s+/)) {
        if (id && !ids.has(id)) wrong.push(`${attribute} names no element: ${id} of ${name(e)}`)
      }
    }
  }
  for (const e of all('a[href^="#"]')) {
    const id = decodeURIComponent(e.getAttribute('href').slice(1)).replace(/@[\d.]+s$/, '') // of a run: a moment
    if (id && !ids.has(id)) wrong.push('a link to nowhere: #' + id)
  }
  for (const e of all('img')) if (!e.hasAttribute('alt')) wrong.push('no alt: ' + e.src)
  for (const e of all('svg').filter(seen)) {
    if (e.closest('[aria-hidden=true]')) continue
    const named = e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.querySelector('title')
    if (e.getAttribute('role') !== 'img' || !named) wrong.push('a picture without role and name: ' + name(e))
  }
  for (const e of all('[tabindex]')) if (e.tabIndex > 0) wrong.push('an order of its own: ' + name(e))
  for (const e of all('tbody th')) if (!e.hasAttribute('scope')) wrong.push('a table heading without scope: ' + name(e))

  for (const e of all('th,[role=columnheader],[role=rowheader]').filter(seen)) {
    if (!e.textContent.trim()) wrong.push('an empty table heading: ' + name(e.closest('table')))
  }
  // A name is announced only with a role.
  for (const e of all('[aria-label],[aria-labelledby]')) {
    if (/^(DIV|SPAN|P|PRE|CODE|B|I|EM|STRONG|DL|DT|DD)$/.test(e.tagName) && !e.getAttribute('role')) {
      wrong.push('a name without a role: ' + name(e))
    }
  }
  const label = e => e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') || '').split(/\s+/)
    .map(id => document.getElementById(id)?.textContent.trim()).join(' ')
  const landmarks = new Set()
  for (const e of all('nav,aside,section,form,[role=region],[role=search],[role=navigation]').filter(seen)) {
    const role = e.getAttribute('role') || e.tagName.toLowerCase()
    if (role === 'group' || /section|form/.test(role) && !label(e)) continue
    if (landmarks.has(role + label(e))) wrong.push(`two landmarks of one name, ${role}: ${label(e)}`)
    landmarks.add(role + label(e))
  }
  for (const nav of all('nav').filter(seen)) {
    const places = new Map()
    for (const a of nav.querySelectorAll('a[href]')) {
      const words = a.getAttribute('aria-label') || a.innerText.trim()
      if (words && places.has(words) && places.get(words) !== a.href) wrong.push('one name for two places: ' + name(a))
      places.set(words, a.href)
    }
  }

  // What sticks to an edge of the window, as wide as the text, leaves most of its height to what moves.
  // A modal window is there until it is closed.
  const sticky = all('body :not(:modal)')
    .filter(e => /sticky|fixed/.test(getComputedStyle(e).position) && seen(e))
  const before = scrollY
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
    scrollTo(0, y)
    const stuck = sticky.filter(e => {
      const b = e.getBoundingClientRect(), s = getComputedStyle(e)
      return b.width > innerWidth * 0.8 && b.bottom > 0 && b.top < innerHeight &&
        (Math.abs(b.top - parseFloat(s.top)) < 1 || Math.abs(innerHeight - b.bottom - parseFloat(s.bottom)) < 1)
    })
    const height = stuck.reduce((sum, e) => sum + e.getBoundingClientRect().height, 0)
    if (height > innerHeight / 3) {
      wrong.push(`${Math.round(height)} of ${innerHeight} px of the window are covered: ${stuck.map(name).join(', ')}`)
      break
    }
  }
  scrollTo(0, before)

  // Controls: size, focus
  const controls = all('a[href],button,input,select,textarea,summary,[tabindex="0"],[role=tab]').filter(e => seen(e) && !e.disabled)
  const boxes = controls.filter(e => !quiet(e)).map(e => [e, e.getBoundingClientRect()])
  // Links in running text, and line numbers of code, are as high as a line.
  const inText = e => e.tagName === 'A' && e.closest('pre') ||
    e.tagName === 'A' && getComputedStyle(e).display.startsWith('inline') &&
    [...e.parentElement.childNodes].some(n => n !== e && n.textContent.trim())
  for (const [e, b] of boxes) {
    if (b.width >= 23.5 && b.height >= 23.5 || inText(e)) continue
    // A small target is one that can be hit when a circle of 24 px around its middle touches no other (WCAG 2.5.8).
    const x = b.x + b.width / 2, y = b.y + b.height / 2
    const near = boxes.find(([other, o]) => other !== e && !other.contains(e) && !e.contains(other) &&
      Math.hypot(Math.max(o.left - x, 0, x - o.right), Math.max(o.top - y, 0, y - o.bottom)) < 12)
    if (near) wrong.push(`a target of ${Math.round(b.width)} by ${Math.round(b.height)} px, close to another: ${name(e)} (${name(near[0])})`)
  }
  const look = e => {
    const s = getComputedStyle(e), outline = s.outlineStyle !== 'none' && s.outlineWidth !== '0px' && s.outline
    return [outline, s.boxShadow, s.borderColor, s.backgroundColor, s.textDecoration].join()
  }
  const kinds = new Set()
  const held = document.activeElement
  for (const e of controls) {
    const kind = e.tagName + e.className + e.type + e.role
    if (kinds.has(kind)) continue
    kinds.add(kind)
    e.blur()
    const before = look(e)
    e.focus({ focusVisible: true, preventScroll: true })
    if (document.activeElement === e && look(e) === before) wrong.push('the focus is not seen: ' + name(e))
    e.blur()
  }
  held?.focus?.({ preventScroll: true })
  for (const e of all('body *')) {
    if (e.scrollWidth <= e.clientWidth + 1 || !/auto|scroll/.test(getComputedStyle(e).overflowX) || !seen(e)) continue
    if (e.tabIndex < 0 && !e.querySelector('a[href],button,input,select,[tabindex="0"]')) {
      wrong.push('scrolls, and not by keyboard: ' + name(e))
    }
  }

  // Contrast of text
  const brush = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const colours = new Map()
  const rgba = colour => {
    if (!colours.has(colour)) {
      brush.clearRect(0, 0, 1, 1)
      brush.fillStyle = colour
      brush.fillRect(0, 0, 1, 1)
      const [r, g, b, a] = brush.getImageData(0, 0, 1, 1).data
      colours.set(colour, [r, g, b, a / 255])
    }
    return colours.get(colour)
  }
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a), 1]
  const ground = e => {
    const layers = []
    for (; e; e = e.parentElement) {
      if (e.namespaceURI !== 'http://www.w3.org/1999/xhtml') continue
      const s = getComputedStyle(e)
      if (s.backgroundImage !== 'none') return null // not judged
      const colour = rgba(s.backgroundColor)
      layers.push(colour)
      if (colour[3] === 1) break
    }
    return layers.reverse().reduce((below, above) => over(above, below), rgba('Canvas'))
  }
  const light = ([r, g, b]) => [r, g, b]
    .map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const judged = new Set()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement
    if (!texts.currentNode.textContent.trim() || judged.has(e) || !seen(e) || quiet(e)) continue
    if (e.closest('script,style,option,[aria-hidden=true],:disabled,title,desc')) continue
    judged.add(e)
    const s = getComputedStyle(e), behind = ground(e)
    if (!behind) continue
    const ink = over(rgba(e instanceof SVGElement ? s.fill : s.color), behind)
    const [a, b] = [light(ink), light(behind)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05)
    const size = parseFloat(s.fontSize)
    if (size < 12 && !e.closest('svg,.lab-view')) wrong.push(`text of ${size} px: ${name(e)}`)
    const large = size >= 24 || size >= 18.66 && s.fontWeight >= 700
    if (ratio < (large ? 3 : 4.5) - 0.01) wrong.push(`contrast ${ratio.toFixed(2)}: ${name(e)} ${s.color} on ${behind.slice(0, 3).map(Math.round)}`)
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
    const widest = all('body *').filter(seen).map(e => [e.getBoundingClientRect().right, e])
      .sort((a, b) => b[0] - a[0])[0]
    wrong.push(`the page is ${document.documentElement.scrollWidth} px wide, the window ${document.documentElement.clientWidth}: ${name(widest[1])}`)
  }
  return [...new Set(wrong)]
})()
