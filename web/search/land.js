// Where a result leads: the block of the page that shows its words best is scrolled to, and the words are lit there.
import { all } from '../page/dom.js'
import { pick, rank } from './sentence.js'
import { hitsIn } from './words.js'

const blocks = 'p, li, dt, dd, tr, h1, h2, h3, h4, legend, label, figcaption, pre, .l'
const aside = 'nav, details, .bench, .spots, .pane-name, .facts, .kicker'
const inside = '.walk, .lab, .shapes, .entry'
const seen = element => element.checkVisibility()

let lit = [] // elements that were changed

// land goes to an anchor of this page, "" for its top.
export function land(anchor, words) {
  darken()
  const target = document.getElementById(anchor) ?? document.querySelector('main'), places = blocksOf(target)
  const count = place => new Set(hitsIn(place.textContent, words).map(hit => hit.word)).size
  const head = places[0] === target && count(target) > 0 ? target : undefined
  const rest = head && count(head) === new Set(words).size ? [] : places.filter(place => place !== head)
  const best = bestOf(rest, words), shown = best && (showPane(best) ?? bestOf(rest.filter(seen), words))
  const block = shown ?? head ?? target
  if (head && head !== block) light(head, words)
  light(block, words)
  if (!block.hasAttribute('tabindex')) {
    block.tabIndex = -1
    block.addEventListener('blur', () => block.removeAttribute('tabindex'), { once: true })
  }
  block.focus({ preventScroll: true })
  const place = block.querySelector('mark') ?? block
  place.scrollIntoView({ block: 'center' })
}

// bestOf returns the block that shows the words best. One that is seen is as good as one of another language.
function bestOf(places, words) {
  const best = places[pick(places.map(place => place.textContent), words)], shown = places.filter(seen)
  const bestShown = shown[pick(shown.map(place => place.textContent), words)]
  return bestShown && rank(bestShown.textContent, words) >= rank(best.textContent, words) ? bestShown : best
}

// blocksOf returns the smallest blocks in an element; of a heading, a term or the whole page, those up to the next
// heading.
function blocksOf(target) {
  const whole = all(blocks, document.querySelector('main'))
    .filter(block => !block.closest(aside) && !block.querySelector(blocks))
  if (!target.matches('main, h2, h3, h4, dt')) return whole.filter(block => target.contains(block))
  const next = all('h2[id], h3[id], h4[id], dt[id]').find(head => isBefore(target, head) && !head.closest(inside))
  return whole.filter(block => (block === target || isBefore(target, block)) && (!next || isBefore(block, next)))
}

const isBefore = (a, b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING)

// showPane shows a listing's own language, and leaves the reader's choice for other pages as it is.
function showPane(block) {
  const lang = block.closest('.pane')?.dataset.lang
  if (seen(block) || !lang) return seen(block) ? block : undefined
  const key = 'era lang'
  let kept
  try {
    kept = localStorage.getItem(key)
  } catch { /* none is kept */ }
  block.closest(inside).querySelector(`[role=tab][data-lang=${lang}]`)?.click()
  if (kept) localStorage.setItem(key, kept)
  return seen(block) ? block : undefined
}

// light marks words in a block; without any, the block itself is lit.
function light(block, words) {
  const hits = hitsIn(block.textContent, words)
  if (!hits.length || block.matches(inside)) {
    block.classList.add('found')
    lit.push(block)
    return
  }
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT), nodes = []
  for (let at = 0; texts.nextNode(); at += texts.currentNode.length) nodes.push([at, texts.currentNode])
  for (const [at, node] of nodes.reverse()) { // splitting a node moves what is behind it
    for (const { from, to } of hits.filter(hit => hit.from < at + node.length && hit.to > at).reverse()) {
      const end = Math.min(to - at, node.length), begin = Math.max(from - at, 0)
      const part = node.splitText(begin), mark = document.createElement('mark')
      part.splitText(end - begin)
      part.replaceWith(mark)
      mark.append(part)
      lit.push(mark)
    }
  }
}

// darken takes the light away.
export function darken() {
  for (const element of lit) {
    element.classList.remove('found')
    if (element.tagName !== 'MARK') continue
    const around = element.parentNode
    element.replaceWith(...element.childNodes)
    around.normalize()
  }
  lit = []
}
