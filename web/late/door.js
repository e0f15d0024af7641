// The doors to the stepper: a button beside Run of each experiment whose servers can be stepped, and one below each run
// that the book tells. Which these are is in step/scenarios.js. The stepper itself is loaded when a door is opened.
import { el, textButton } from '../lab/dom.js'
import { all } from '../page/dom.js'
import { say } from '../page/words.js'
import { wanted } from './link.js'

const { load } = document.currentScript // of page.js, which has loaded this script

// openDoors does nothing on pages that may not compile WebAssembly: these have nothing to step.
export function openDoors() {
  const policy = document.querySelector('meta[http-equiv=Content-Security-Policy]')?.content ?? ''
  if (!policy.includes('wasm-unsafe-eval')) return
  globalThis.era = { ...globalThis.era, scenarios: place }
  load('step/scenarios.js').catch(() => {}) // an older edition, or no network: nothing can be stepped
}

// place puts the doors of a page. The stepper reads the same script, and then has a function of its own for it.
function place(doors) {
  const at = new Map() // by name, what opens the stepper
  for (const section of all('section[data-lab], [data-steps]')) {
    const { steps, chapter, lab } = section.dataset
    const door = doors[steps ?? chapter + '/' + lab]
    if (!door) continue
    const open = asked => step(section, { ...door, ...asked })
    const button = textButton(say('Step through it'), () => open(), { class: 'lab-button lab-step' })
    const run = section.querySelector('.lab-go'), answer = section.querySelector('details')
    if (run) run.after(button)
    else if (answer) answer.before(el('p', { class: 'bench' }, button))
    else section.append(el('p', { class: 'bench' }, button))
    at.set(lab ?? section.id, open)
  }
  const follow = () => {
    const link = wanted(location.hash)
    at.get(link?.name)?.(link)
  }
  addEventListener('hashchange', follow)
  follow()
}

// step opens the stepper in a block.
async function step(section, door) {
  await (loaded ??= Promise.all([styled(), load('static/step.js')]))
  globalThis.era.steps.open(section, door)
}
let loaded

const styled = () => new Promise(resolve => {
  const [page] = all('link[href$="static/page.css"]')
  const sheet = el('link', { rel: 'stylesheet', href: page.href.replace(/page\.css$/, 'step.css') })
  for (const over of ['load', 'error']) sheet.addEventListener(over, resolve)
  document.head.append(sheet)
})
