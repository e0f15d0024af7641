// The page of contents with the reader's progress, which can be taken along and erased.
import { download, el } from '../lab/dom.js'
import { all, keep as keepChoice, kept } from '../page/dom.js'
import { keep, merged, onProgress, progress, sound, state } from '../page/progress.js'
import { say } from '../page/words.js'
import { places, showDone, sums } from './chapters.js'

const largest = 1e6 // bytes of a file that can be progress

export function showProgress(page) {
  const part = name => page.querySelector('.progress-' + name)
  const says = part('says'), erase = part('erase'), file = page.querySelector('.progress input[type=file]')
  showDone(page)
  const show = (...first) => {
    const done = sums(state(all(places, page)), true)
    says.replaceChildren(...first.map(words => words + ' '), done + '. ', ...goOn(page))
  }
  onProgress(() => show())
  part('tools').hidden = false

  part('export').addEventListener('click', () =>
    download('era-progress.json', JSON.stringify(progress(), null, 2)))
  file.addEventListener('change', async () => {
    const [chosen] = file.files
    if (chosen) show(await take(chosen))
    file.value = ''
  })
  erase.addEventListener('click', () => {
    if (erase.dataset.sure) {
      forget()
      show(say('Erased.'))
    }
    ask(!erase.dataset.sure)
  })
  erase.addEventListener('blur', () => ask(false))
  const ask = isSure => {
    if (isSure) erase.dataset.sure = 'asked'
    else delete erase.dataset.sure
    erase.textContent = isSure ? say('Really erase all of it?') : say('Erase all of it')
  }

  const keys = part('keys')
  keys.checked = kept('keys') !== 'off'
  keys.addEventListener('change', () => keepChoice('keys', keys.checked ? 'on' : 'off'))
}

// goOn is a link to where the reader left, if that is a chapter of the book.
function goOn(page) {
  const { at } = progress()
  const chapter = at && page.querySelector(`[id="${CSS.escape(at.chapter)}"] h3 a`)
  if (!chapter) return []
  const section = all('.places a', chapter.closest('.chapter-item'))
    .find(link => decodeURIComponent(link.hash) === '#' + at.section)
  const words = section ? section.firstChild.textContent : chapter.textContent.trim().replace(/\s+/, ' ')
  return [el('a', { href: (section ?? chapter).href }, say('Go on where you left')), ': ' + words]
}

// take adds the progress of a file to what there is, and says how that went.
async function take(file) {
  try {
    const value = file.size <= largest ? JSON.parse(await file.text()) : null, found = sound(value)
    if (!found.done.length && !found.at) return say('The file holds no progress.')
    const before = progress()
    keep(merged(before, found))
    const more = progress().done.length - before.done.length
    return more === 1 ? say('Imported: 1 thing more.') : say('Imported: %1 things more.', more)
  } catch {
    return say('The file cannot be read.')
  }
}

// forget erases what was done, and what was guessed.
function forget() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith('era guess ')) localStorage.removeItem(key)
  } catch { /* nothing was kept */ }
  keep(sound(null))
}
