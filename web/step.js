// The stepper: the book's servers on a simulated kernel, in a window over the page. The door (late/door.js) loads it
// when a reader wants it, with its style sheet, and opens it for a block.
import { calls } from './step/load.js'
import { Room } from './step/room.js'

let room
const open = (section, door) => (room ??= new Room()).open(section, door)

globalThis.era = { ...globalThis.era, ...calls, steps: { open } }
