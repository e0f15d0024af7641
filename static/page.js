// What a reading page does with scripts: the theme switch, language tabs, walks through code, quizzes, the place in the
// contents. Without scripts everything is readable.
(function () {
  'use strict'
  const root = document.documentElement
  const all = (selector, within = document) => [...within.querySelectorAll(selector)]
  const keep = (key, value) => { try { localStorage.setItem('era ' + key, value) } catch { /* then it is forgotten */ } }

  function theme() {
    const button = document.querySelector('.theme'), dark = matchMedia('(prefers-color-scheme: dark)')
    if (!button) return
    const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches
    const show = () => button.setAttribute('aria-pressed', isDark())
    button.hidden = false
    button.addEventListener('click', () => {
      root.dataset.theme = isDark() ? 'light' : 'dark'
      keep('theme', root.dataset.theme)
      show()
    })
    dark.addEventListener('change', show)
    show()
  }

  // Tabs are in step on the whole page: who reads Python reads it everywhere.
  function tabs() {
    const show = () => {
      for (const list of all('.tabs')) {
        const tabs = all('[role=tab]', list)
        const chosen = tabs.find(tab => tab.dataset.lang === root.dataset.lang) || tabs[0]
        for (const tab of tabs) {
          tab.setAttribute('aria-selected', tab === chosen)
          tab.tabIndex = tab === chosen ? 0 : -1
          for (const id of tab.getAttribute('aria-controls').split(' ')) {
            const pane = document.getElementById(id)
            pane?.setAttribute('role', 'tabpanel')
            pane?.setAttribute('aria-labelledby', tab.id)
          }
        }
      }
    }
    const choose = tab => {
      const before = tab.getBoundingClientRect().top
      root.dataset.lang = tab.dataset.lang
      keep('lang', tab.dataset.lang)
      show()
      scrollBy(0, tab.getBoundingClientRect().top - before) // code above may have grown or shrunk
      tab.focus({ preventScroll: true })
    }
    for (const tab of all('.tabs [role=tab]')) {
      tab.addEventListener('click', () => choose(tab))
      tab.addEventListener('keydown', event => {
        const tabs = all('[role=tab]', tab.parentNode), at = tabs.indexOf(tab)
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
        if (to === undefined) return
        event.preventDefault()
        choose(tabs[(to + tabs.length) % tabs.length])
      })
    }
    show()
  }

  // A walk lights the lines of one step at a time.
  function walk(section) {
    const steps = all('.step', section), lines = all('.l', section)
    if (!steps.length) return
    let now = 0
    const light = index => {
      if (index < 0 || index >= steps.length) return
      now = index
      steps.forEach((step, i) => {
        step.classList.toggle('now', i === index)
        const link = step.querySelector('.step-number')
        if (i === index) link.setAttribute('aria-current', 'step')
        else link.removeAttribute('aria-current')
      })
      for (const line of lines) line.classList.toggle('lit', (line.dataset.s || '').split(' ').includes(String(index + 1)))
      for (const pre of all('pre', section)) reveal(pre)
    }
    // reveal scrolls the listing, and nothing else, until the lit lines are in sight.
    const reveal = pre => {
      const lit = all('.lit', pre)
      if (!lit.length || !pre.offsetParent) return
      const top = lit[0].offsetTop, bottom = lit.at(-1).offsetTop + lit.at(-1).offsetHeight
      if (top < pre.scrollTop || bottom > pre.scrollTop + pre.clientHeight) {
        pre.scrollTop = Math.max(0, Math.min(top - 24, (top + bottom - pre.clientHeight) / 2))
      }
    }
    steps.forEach((step, i) => {
      step.addEventListener('click', event => {
        const link = event.target.closest('a')
        if (link && !link.classList.contains('step-number')) return
        if (link) event.preventDefault()
        light(i)
      })
      step.querySelector('.step-number').addEventListener('keydown', event => {
        const to = { ArrowDown: i + 1, ArrowRight: i + 1, ArrowUp: i - 1, ArrowLeft: i - 1, Home: 0, End: steps.length - 1 }[event.key]
        if (to === undefined || !steps[to]) return
        event.preventDefault()
        light(to)
        steps[to].querySelector('.step-number').focus({ preventScroll: true })
        steps[to].scrollIntoView({ block: 'nearest' })
      })
    })
    // A walk that is taller than the window follows the reader: the step at the reading height is lit.
    let waiting = false
    addEventListener('scroll', () => {
      if (waiting || section.offsetHeight < innerHeight * 0.9) return
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        const box = section.getBoundingClientRect()
        if (box.bottom < 0 || box.top > innerHeight || section.contains(document.activeElement)) return
        const past = steps.filter(step => step.getBoundingClientRect().top < innerHeight * 0.45).length - 1
        if (past >= 0 && past !== now) light(past)
      })
    }, { passive: true })
    light(0)
    if (location.hash.startsWith('#' + section.id + '-step-')) light(Number(location.hash.split('-').at(-1)) - 1)
  }

  function quiz(form) {
    const why = form.querySelector('.why'), status = form.querySelector('.quiz-status')
    form.addEventListener('submit', event => event.preventDefault())
    form.addEventListener('change', event => {
      const right = event.target.value === form.dataset.answer
      for (const option of all('.option', form)) option.classList.remove('right', 'wrong')
      event.target.closest('.option').classList.add(right ? 'right' : 'wrong')
      status.textContent = right ? 'Right.' : 'Not quite. Try again, or open the answer.'
      if (right) why.open = true
    })
  }

  // Commands are there to be run: a button takes them along.
  function commands() {
    if (!navigator.clipboard) return
    for (const code of all('.code > .language-sh')) {
      const button = document.createElement('button'), text = code.textContent.trim()
      Object.assign(button, { type: 'button', className: 'copy', textContent: 'Copy' })
      button.setAttribute('aria-label', 'Copy ' + text.split('\n')[0])
      button.addEventListener('click', () => navigator.clipboard.writeText(text).then(
        () => { button.textContent = 'Copied' }, () => { button.textContent = 'Not allowed' }))
      code.after(button)
    }
  }

  // The contents mark the section that is being read.
  function contents() {
    const links = all('.contents a'), heads = all('.text h2[id]')
    if (!links.length || !heads.length) return
    const mark = () => {
      const here = heads.filter(head => head.offsetParent && head.getBoundingClientRect().top < innerHeight * 0.3).at(-1)
      for (const link of links) {
        if (link.hash !== '#' + here?.id) link.removeAttribute('aria-current')
        else {
          link.setAttribute('aria-current', 'true')
          const list = link.closest('.contents') // longer than the window, it follows
          if (link.offsetParent && list.scrollHeight > list.clientHeight) list.scrollTop = link.offsetTop - list.clientHeight / 2
        }
      }
    }
    let waiting = false
    addEventListener('scroll', () => {
      if (waiting) return
      waiting = true
      requestAnimationFrame(() => { waiting = false; mark() })
    }, { passive: true })
    mark()
  }

  // A table that is wider than its place fades at the edge where it goes on.
  function overflow() {
    const mark = box => box.classList.toggle('more', box.scrollLeft + box.clientWidth < box.scrollWidth - 1)
    const watch = new ResizeObserver(entries => entries.forEach(entry => mark(entry.target)))
    for (const box of all('.scroll')) {
      watch.observe(box)
      box.addEventListener('scroll', () => mark(box), { passive: true })
    }
  }

  // On a narrow screen the line of years begins where the reader is.
  function spine() {
    const list = document.querySelector('.spine ol'), here = document.querySelector('.spine .here')
    if (list && here) list.scrollLeft = here.offsetLeft - list.clientWidth / 2
  }

  theme()
  tabs()
  all('.walk').forEach(walk)
  all('.quiz').forEach(quiz)
  commands()
  contents()
  overflow()
  spine()
})()
