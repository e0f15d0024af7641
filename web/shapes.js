// One job in several shapes: a step that is pointed at, focused or chosen is highlighted in all of them at once.
// Without scripts all steps are lit.
import { all } from './page/dom.js'

function steps(section) {
  const buttons = all('.shape-step', section).map(stepButton)
  let chosen = '' // until it is chosen again
  const show = step => {
    if (step) section.dataset.now = step
    else delete section.dataset.now
  }
  const choose = step => {
    chosen = chosen === step ? '' : step
    for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.step === chosen))
    show(chosen)
  }
  for (const button of buttons) {
    button.addEventListener('click', () => choose(button.dataset.step))
    button.addEventListener('focus', () => {
      if (button.matches(':focus-visible')) show(button.dataset.step)
    })
    button.addEventListener('blur', () => show(chosen))
  }
  section.addEventListener('pointerover', event => {
    if (event.pointerType === 'touch') return
    show(event.target.closest('[data-step]')?.dataset.step || chosen)
  })
  section.addEventListener('pointerleave', () => show(chosen))
  section.addEventListener('keydown', event => {
    if (event.key === 'Escape' && chosen) choose(chosen)
  })
}

// stepButton makes a button of the name of a step.
function stepButton(name) {
  const button = document.createElement('button')
  button.type = 'button'
  button.append(...name.childNodes)
  button.dataset.step = name.dataset.step
  button.setAttribute('aria-pressed', 'false')
  name.append(button)
  return button
}

// On a phone, the titles show which shape is visible.
function titles(section) {
  const watch = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      const link = section.querySelector(`.shape-titles [href$="#${target.id}"]`)
      if (!isIntersecting) {
        link.removeAttribute('aria-current')
        continue
      }
      link.setAttribute('aria-current', 'true')
      link.parentNode.scrollLeft = link.offsetLeft - 16
    }
  }, { root: section.querySelector('.columns'), threshold: 0.6 })
  for (const shape of all('.shape', section)) watch.observe(shape)
}

for (const section of all('.shapes')) {
  steps(section)
  titles(section)
}
