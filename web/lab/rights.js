// The right to run: the hint for a tab that has none, and the list of tabs that have it.
import { el, textButton } from './dom.js'
import { live, whyNot } from './live.js'

const serve = () => el('code', {}, 'serve')

// howToRun says why the tab cannot run servers now, and has a button for what can be done about it.
export function howToRun() {
  const code = live.plea?.code
  const type = code && (verb => [
    verb + ' ', el('b', { class: 'lab-typed' }, code), ' in the terminal of ', serve(), ' and press Enter',
  ])
  const words = { none: wordsForNone, ended: wordsForEnded, restarted: wordsForRestarted }[live.state]
  const how = el('div', { class: 'lab-how' })
  if (words) {
    how.append(el('p', { role: 'status' }, ...words(type)), pasteForm(how))
    return how
  }
  const wait = { away: ' If it has ended, start it again in its terminal: ', full: ' Close one: ' }[live.state]
  how.append(
    el('p', { role: 'status' }, whyNot(live.state), wait, 'this page goes on by itself.'),
    textButton('Try now', () => live.retry()))
  return how
}

let pasting = null // {section, link}: where the reader pastes a link; it stays when the hint is made again

// pasteForm takes the link that serve printed, so that the reader can stay on this page.
function pasteForm(how) {
  const form = el('form'), wrong = el('span', { role: 'alert' })
  const input = el('input', {
    type: 'text', 'aria-label': 'The link that serve printed', placeholder: 'the link', autocomplete: 'off',
    spellcheck: false, required: true, oninput: () => { pasting.link = input.value },
  })
  const show = () => {
    form.replaceChildren(input, el('button', {}, 'Go on'), wrong)
    input.value = pasting.link
    const { activeElement: focused } = document
    if (focused === document.body || focused.contains(form)) input.focus() // it was here, and what had it is gone
  }
  form.append(textButton('Paste the link', () => {
    pasting = { section: how.closest('section'), link: '' }
    show()
  }))
  form.addEventListener('submit', async event => {
    event.preventDefault()
    wrong.textContent = await live.enterWith(input.value)
    if (!wrong.textContent) pasting = null
  })
  queueMicrotask(() => { // by then it is in the page
    if (pasting && pasting.section === how.closest('section')) show()
  })
  return form
}

// The words for a tab. type makes the words on the code to type; without a code there is no type.
function wordsForNone(type) {
  const link = live.used
    ? ['The key in the link was used before: ', serve(), ' has printed a new link. ']
    : ['To run this here, open the page through the link that ', serve(),
      ' printed in the terminal: it carries the key. ']
  if (type) return [...link, ...type('Or type'), '.']
  if (live.plea) {
    return [...link, 'A code cannot be typed now, as ', serve(), ' has no terminal in the foreground.']
  }
  return [...link, textButton('Show a code to type there', () => live.plead())]
}
function wordsForEnded(type) {
  return ['The right of this tab was ended. ', ...(type ? [...type('Type'), ', or open'] : ['Open']),
    ' the link that ', serve(), ' printed last.']
}
function wordsForRestarted(type) {
  return [serve(), ' was started again. ', ...(type ? [...type('Type'), ', or open'] : ['Open']),
    ' the new link that it printed. This page goes on then.']
}

// rightsList is closed until the reader asks for it.
export function rightsList() {
  const summary = el('summary'), body = el('div', { role: 'status' })
  const note = count => {
    let others = ''
    if (count > 2) others = `, and so may ${count - 1} others`
    else if (count === 2) others = ', and so may one other'
    summary.textContent = 'This tab may run experiments' + others
  }
  const endButton = tab => textButton('End', () => show('end', { id: tab.id }),
    { 'aria-label': 'End the right of ' + (tab.own ? 'this tab' : tab.page || 'a page') })
  const show = async (what, question) => {
    try {
      const { tabs } = await live.ask(what, question), hadFocus = body.contains(document.activeElement)
      live.tabs = tabs.length
      note(live.tabs)
      body.replaceChildren(
        el('ul', {}, ...tabs.map(tab => el('li', {}, describe(tab), ' ', endButton(tab)))),
        tabs.length > 1 ? textButton('End all others', () => show('end', { others: true })) : '')
      if (hadFocus) summary.focus() // the button that was pressed is gone
    } catch (error) {
      body.textContent = error.message
    }
  }
  note(live.tabs)
  const toggle = event => { if (event.target.open) show('tabs') }
  return el('details', { class: 'lab-rights', ontoggle: toggle }, summary, body)
}

function describe({ page, from, since, connected, own }) {
  const time = new Date(since).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  const parts = [own ? 'This tab' : page || 'A page']
  if (from !== 'this machine') parts.push('at ' + from)
  parts.push('since ' + time)
  if (!connected) parts.push('not connected')
  return parts.join(', ')
}
