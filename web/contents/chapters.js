// What the reader has done of each chapter in a list of contents.
import { el } from '../lab/dom.js'
import { all } from '../page/dom.js'
import { mark, onProgress, state } from '../page/progress.js'

// places are the links that count: a section within another is read with it.
export const places = '.places li:not(.within) a'

// sums says how much of some places was done, a phrase for each kind of them.
export function sums({ sections: [read, all], experiments: [tried, there], questions: [answered, asked] }) {
  return [
    all > 0 && `${read} of ${all} sections read`,
    there > 0 && `${tried} of ${there} experiments done`,
    asked > 0 && `${answered} of ${asked} questions answered`,
  ].filter(Boolean)
}

// showDone marks every place in a list of contents, and sums each chapter of which something was done up.
export function showDone(list) {
  const entries = all('.chapter-item', list)
  onProgress(() => {
    mark(all(places, list))
    for (const entry of entries) {
      const sum = state(all(places, entry)), isBegun = Object.values(sum).some(([done]) => done > 0)
      let says = entry.querySelector('.chapter-did')
      if (!says && !isBegun) continue
      if (!says) {
        says = el('p', { class: 'chapter-did' })
        entry.firstElementChild.after(says)
      }
      says.textContent = isBegun ? sums(sum).join(' · ') : ''
    }
  })
}
