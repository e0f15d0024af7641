// Who may run: what a bench says to a tab that may not, and the list of those that may.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el } = era
  const serve = () => el('code', {}, 'serve')

  const sentences = {
    none: 'This tab may not run servers.',
    ended: 'The right of this tab to run servers was ended.',
    restarted: 'serve was started again.',
    away: 'serve does not answer. Is it still running in the terminal?',
    full: 'serve has no room for another tab. Close one, and this page goes on.',
  }

  era.rights = {
    sentence: state => sentences[state] || 'This page may not run servers any more.',

    // how tells a tab how it comes by the right to run.
    how() {
      const { state, plea } = era.live
      const type = plea?.code ? ['type ', el('b', { class: 'lab-typed' }, plea.code), ' in the terminal of ', serve(), ' and press Enter'] : null
      const code = el('button', { type: 'button', class: 'lab-button', onclick: () => era.live.plead() }, 'Show a code to type there')
      const untyped = ['A code cannot be typed now: ', serve(), ' runs in the background, or without a terminal. Once it is in the foreground, a code appears here.']
      const words = {
        none: ['To run this here, open the page through the link that ', serve(), ' printed in the terminal: it carries the key. ', ...type ? ['Or ', ...type, '.'] : plea ? untyped : [code]],
        ended: ['The right of this tab was ended. To have it again, ', ...type ? [...type, ', or '] : [], 'open the page through the link that ', serve(), ' printed last.'],
        restarted: [serve(), ' was started again. ', ...type ? [capital(type), ', or open'] : ['Open'], ' the new link that it printed. This page goes on then.'],
      }[state] || [sentences[state] || '']
      return el('p', { class: 'lab-how', role: 'status' }, ...words.flat())
    },

    // list is closed until the reader asks who may run.
    list() {
      const summary = el('summary'), body = el('div', { role: 'status' }), note = count => {
        summary.textContent = 'This tab may run experiments' + (count > 2 ? `, and so may ${count - 1} others` : count === 2 ? ', and so may one other' : '')
      }
      const show = async (what, question) => {
        try {
          const { tabs } = await era.live.ask(what, question), had = body.contains(document.activeElement)
          note(era.live.tabs = tabs.length)
          body.replaceChildren(el('ul', {}, ...tabs.map(tab => el('li', {}, describe(tab), ' ',
            el('button', { type: 'button', class: 'lab-button', 'aria-label': 'End the right of ' + (tab.own ? 'this tab' : tab.page || 'a page'), onclick: () => show('end', { id: tab.id }) }, 'End')))),
          tabs.length > 1 ? el('button', { type: 'button', class: 'lab-button', onclick: () => show('end', { others: true }) }, 'End all others') : '')
          if (had) summary.focus() // the button that was pressed is gone
        } catch (error) {
          body.textContent = error.message
        }
      }
      note(era.live.tabs)
      return el('details', { class: 'lab-rights', ontoggle: event => { if (event.target.open) show('tabs') } }, summary, body)
    },
  }

  const capital = ([first, ...rest]) => [first[0].toUpperCase() + first.slice(1), ...rest]
  const describe = ({ page, from, since, connected, own }) => {
    const time = new Date(since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    return [own ? 'This tab' : page || 'A page', from === 'this machine' ? '' : 'at ' + from, 'since ' + time, connected ? '' : 'not connected'].filter(Boolean).join(', ')
  }
})()
