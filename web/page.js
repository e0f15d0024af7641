// The scripts of a page. Without them everything is readable.
import { bookContents, markSections, turnPages } from './page/contents.js'
import { copyButtons } from './page/copy.js'
import { all } from './page/dom.js'
import { load } from './page/load.js'
import { keepOffline, refuseFrame } from './page/offline.js'
import { quiz } from './page/quiz.js'
import { noteReading } from './page/reading.js'
import { watchScrollers } from './page/scroll.js'
import { offerSearch } from './page/search.js'
import { tabs } from './page/tabs.js'
import { hints } from './page/terms.js'
import { themeSwitch } from './page/theme-switch.js'
import { walk } from './page/walk.js'

themeSwitch()
tabs()
all('.walk').forEach(walk)
all('.quiz').forEach(quiz)
copyButtons()
bookContents()
markSections()
turnPages()
noteReading()
hints()
watchScrollers()
offerSearch()
keepOffline()
refuseFrame()
addEventListener('load', () => load('static/late.js'))
