// What the reader has done of each chapter in a list of contents.
import { el } from '../lab/dom.js'
import { all } from '../page/dom.js'
import { mark, onProgress, state } from '../page/progress.js'

// places are the links that count: a section within another is read with it.
export const places = '.places li:not(.within) a'

const phrases = {
  sections: [(done, all) => `${done} of ${all} section read`, (done, all) => `${done} of ${all} sections read`],
  experiments: [
    (done, all) => `${done} of ${all} experiment done`, (done, all) => `${done} of ${all} experiments done`,
  ],
  questions: [
    (done, all) => `${done} of ${all} question answered`, (done, all) => `${done} of ${all} questions answered`,
  ],
}

// sums says how much of some places was done, with a phrase for each kind of them of which something was; or for all.
export const sums = (state, all = false) => Object.entries(state)
  .filter(([, [done, count]]) => count > 0 && (all || done > 0))
  .map(([kind, [done, count]]) => phrases[kind][count === 1 ? 0 : 1](done, count))
  .join(' · ')

// showDone marks every place in a list of contents, and sums each chapter of which something was done up.
export function showDone(list) {
  const entries = all('.chapter-item', list)
  onProgress(() => {
    mark(all(places, list))
    for (const entry of entries) {
      const words = sums(state(all(places, entry))), says = entry.querySelector('.chapter-did')
      if (says) says.textContent = words
      else if (words) entry.querySelector('.facts, .chapter-link').after(el('p', { class: 'chapter-did' }, words))
    }
  })
}
