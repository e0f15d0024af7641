// The script of the first page: it plays the small experiment, and accepts the key to run experiments. era is its only
// global name, as on the other pages of the book.
import { live } from './lab/live.js'
import { Opening } from './landing/opening.js'

globalThis.era = { live }

const film = document.querySelector('.film')
if (film) new Opening(film)
