// The table of all events of a run, which the lab loads when a reader opens it.
import { eventsTable } from './lab/events.js'

globalThis.era.late('events', eventsTable)
