// The scripts of a page. Without them everything is readable.
import { markSections } from './page/contents.js'
import { copyButtons } from './page/copy.js'
import { all } from './page/dom.js'
import { quiz } from './page/quiz.js'
import { fadeTables, showSpine } from './page/scroll.js'
import { tabs } from './page/tabs.js'
import { themeSwitch } from './page/theme-switch.js'
import { walk } from './page/walk.js'

themeSwitch()
tabs()
all('.walk').forEach(walk)
all('.quiz').forEach(quiz)
copyButtons()
markSections()
fadeTables()
showSpine()
