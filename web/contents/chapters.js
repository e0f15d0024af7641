// What the reader has done of each chapter in a list of contents.
import { el } from '../lab/dom.js'
import { all } from '../page/dom.js'
import { mark, onProgress, state } from '../page/progress.js'
import { say } from '../page/words.js'

// places are the links that count: a section within another is read with it.
export const places = '.places li:not(.within) a'

const phrases = {
  sections: [
    (done, all) => say('%1 of %2 section read', done, all),
    (done, all) => say('%1 of %2 sections read', done, all),
  ],
  experiments: [
    (done, all) => say('%1 of %2 experiment done', done, all),
    (done, all) => say('%1 of %2 experiments done', done, all),
  ],
  questions: [
    (done, all) => say('%1 of %2 question answered', done, all),
    (done, all) => say('%1 of %2 questions answered', done, all),
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
