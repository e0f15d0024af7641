// The contents of the whole book: a drawer, which page.js asks for, or a page, with the reader's progress.
import { Drawer } from './contents/drawer.js'
import { showProgress } from './contents/progress.js'

const page = document.querySelector('main.index')
if (page) showProgress(page)
else addEventListener('era:outline', event => new Drawer(event.detail), { once: true })
