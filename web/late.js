// What a page can do without until it is there: page.js loads it then.
import './late/paper.js'
import { openDoors } from './late/door.js'

openDoors()
