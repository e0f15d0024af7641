// Shows what a term means beside it: under the pointer, with the focus, and at the first touch. Escape takes it away.
import { all } from './dom.js'
import { say } from './words.js'

export function hints() {
  const hint = document.createElement('div'), text = document.createElement('span')
  Object.assign(hint, { id: 'page:hint', className: 'hint', role: 'tooltip', hidden: true })
  hint.append(text)
  let shown, leaving
  const hide = () => {
    hint.hidden = true
    shown?.removeAttribute('aria-describedby')
    shown = undefined
  }
  const show = (term, byTouch) => {
    clearTimeout(leaving)
    if (shown === term) return
    hide()
    shown = term
    text.textContent = term.dataset.hint
    hint.replaceChildren(text)
    if (byTouch) {
      const more = document.createElement('a')
      more.href = term.href
      more.textContent = say('In the glossary')
      hint.append(document.createElement('br'), more)
    }
    term.setAttribute('aria-describedby', hint.id)
    hint.hidden = false
    const at = term.getClientRects()[0], room = document.documentElement.clientWidth - hint.offsetWidth - 16
    const below = at.bottom + 4, fits = below + hint.offsetHeight < innerHeight
    hint.style.setProperty('left', `${scrollX + Math.max(16, Math.min(at.left, room))}px`)
    hint.style.setProperty('top', `${scrollY + (fits ? below : at.top - 4 - hint.offsetHeight)}px`)
  }
  const leave = () => {
    clearTimeout(leaving)
    leaving = setTimeout(hide, 200) // time to reach the hint with the pointer
  }
  const terms = all('a.term')
  for (const term of terms) {
    let touched = false
    term.dataset.hint = term.title
    term.removeAttribute('title')
    term.addEventListener('pointerdown', event => { touched = event.pointerType === 'touch' })
    term.addEventListener('pointerenter', event => { if (event.pointerType !== 'touch') show(term) })
    term.addEventListener('pointerleave', event => { if (event.pointerType !== 'touch') leave() })
    term.addEventListener('focus', () => { if (term.matches(':focus-visible') && !touched) show(term) })
    term.addEventListener('blur', leave)
    term.addEventListener('click', event => {
      if (!touched || shown === term) return
      event.preventDefault()
      show(term, true)
    })
  }
  hint.addEventListener('pointerenter', () => clearTimeout(leaving))
  hint.addEventListener('pointerleave', leave)
  addEventListener('keydown', event => { if (event.key === 'Escape') hide() })
  addEventListener('pointerdown', event => {
    if (shown && !hint.contains(event.target) && !shown.contains(event.target)) hide()
  })
  if (terms.length) document.querySelector('.colophon').append(hint) // so that it is part of a landmark
}
