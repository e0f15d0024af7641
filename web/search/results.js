// What is shown of the places that were found: the best, by chapter, in an order that begins with the best chapter.
import { withText } from './index.js'

const shown = 30, ofOne = 6 // places, and of them those of one chapter

// grouped returns the best places by page: [{page, places}].
export function grouped(places) {
  const groups = new Map()
  let left = shown
  for (const place of places) {
    if (left === 0) break
    const { page } = place.unit
    if (!groups.has(page)) groups.set(page, [])
    if (groups.get(page).length === ofOne) continue
    groups.get(page).push(place)
    left--
  }
  return [...groups].map(([page, places]) => ({ page, places }))
}

// inText returns the blocks of a chapter's texts that belong to a place: [[anchor, text]].
export function inText(unit, texts) {
  const all = texts[unit.text] ?? []
  if (withText.includes(unit.kind)) return all
  return all.filter(([anchor]) => anchor === unit.anchor || anchor.startsWith(unit.anchor + '-'))
}

// summary says how many places there are.
export function summary(count, pages, visible) {
  const places = count === 1 ? '1 place' : `${count} places`, chapters = pages === 1 ? '1 chapter' : `${pages} chapters`
  if (visible < count) return `${places} in ${chapters}. These are the best ${visible}.`
  return `${places} in ${chapters}.`
}
