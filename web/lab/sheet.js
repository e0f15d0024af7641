// The bench's own style sheet, which a page without scripts has no use for.
import { el } from './dom.js'
import { up } from './places.js'

const sheet = el('link', { rel: 'stylesheet', href: up + 'static/lab.css' })

// styled is a promise that the sheet has come, or that it will not.
export const styled = new Promise(resolve => {
  for (const over of ['load', 'error']) sheet.addEventListener(over, resolve)
})
document.head.append(sheet)
