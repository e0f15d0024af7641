// The directory can be narrowed down: by a word, by kind, by how callers wait, by state. Without scripts all of it is there.
(function () {
  'use strict'
  const sections = [...document.querySelectorAll('.directory')]
  if (!sections.length) return
  const entries = sections.flatMap(section => [...section.querySelectorAll('.entry')])
  const texts = new Map(entries.map(entry => [entry, entry.textContent.toLowerCase()]))
  const form = document.createElement('form'), status = document.createElement('p')
  form.className = 'narrow'
  form.setAttribute('role', 'search')
  form.setAttribute('aria-label', 'Narrow the directory down')
  status.setAttribute('role', 'status')

  const labelled = (text, field) => {
    const label = document.createElement('label')
    label.append(text, field)
    form.append(label)
    return field
  }
  const choice = (text, options) => {
    const select = document.createElement('select')
    select.append(new Option('all', ''), ...options.map(([value, name]) => new Option(name, value)))
    return labelled(text, select)
  }
  // tags are the values that entries have of one kind, with the words that stand for them.
  const tags = kind => [...new Map(entries.map(entry => [entry.dataset[kind], entry.querySelector(`.${kind}-${entry.dataset[kind]}`)?.textContent]))].filter(([value]) => value)

  const word = labelled('A word', Object.assign(document.createElement('input'), { type: 'search', size: 14 }))
  const kind = choice('Kind', sections.map(section => [section.getAttribute('aria-labelledby'), section.querySelector('h2').firstChild.textContent.trim()]))
  const way = choice('Its callers are', tags('way'))
  const state = choice('State', tags('state'))
  const all = Object.assign(document.createElement('button'), { type: 'reset', textContent: 'Show all', hidden: true })
  form.append(status, all)

  const show = () => {
    const wanted = word.value.trim().toLowerCase()
    let shown = 0
    for (const section of sections) {
      const here = !kind.value || kind.value === section.getAttribute('aria-labelledby')
      let some = false
      for (const entry of section.querySelectorAll('.entry')) {
        const fits = here && texts.get(entry).includes(wanted) &&
          (!way.value || way.value === entry.dataset.way) && (!state.value || state.value === entry.dataset.state)
        entry.hidden = !fits
        if (fits) { some = true; shown++ }
      }
      section.hidden = !some
    }
    all.hidden = shown === entries.length
    status.textContent = shown === entries.length ? `${shown} entries` : `${shown} of ${entries.length} entries`
  }
  form.addEventListener('input', show)
  form.addEventListener('reset', () => setTimeout(() => { show(); word.focus() }))
  form.addEventListener('submit', event => event.preventDefault())
  // Whoever follows a link to an entry wants to see it.
  addEventListener('hashchange', () => {
    const target = document.getElementById(location.hash.slice(1))
    if (!target?.closest('.directory') || !target.closest('[hidden]')) return
    for (const field of [word, kind, way, state]) field.value = ''
    show()
    target.scrollIntoView()
  })
  sections[0].before(form)
  show()
})()
