// Finding a run that breaks a property: random schedules, then choices are left out as long as it still breaks. It is
// what lab/simulated/search.go does. The machine belongs to the search alone.

// properties are what can be looked for, by their numbers in kernel/simulation.
export const properties = {
  unanswered: [1, 'A client that has asked is never answered'],
  mixed: [2, 'An answer goes to the wrong client'],
  sleeps: [3, 'The program sleeps although there is work'],
  spins: [4, 'The program asks in vain, again and again'],
  ended: [5, 'The program ends'],
  leaks: [6, 'A descriptor stays open when all have gone'],
}

const wanders = 150 // choices of a random schedule, before it goes on calmly
const patient = 3000 // choices after which a calm run is not worth waiting for

// search returns {list, tried}; list is null if nothing was found. breathe is called before each run, and may wait; it
// returns whether to go on.
export async function search(machine, property, schedules, breathe) {
  while (/^t/.test(machine.next())) machine.take(machine.next()) // until the first client may come
  const before = machine.taken(), begin = machine.snapshot()
  const broken = () => machine.ended ? property === 5 : false
  // runs goes on calmly after what was done, and returns whether the property was breached.
  const runs = hit => (hit || machine.calm(patient, property)) === property || broken()
  let tried = 0
  for (; tried < schedules; tried++) {
    if (!await breathe(tried)) return { list: null, tried }
    machine.restore(begin)
    if (runs(tried && machine.wander(tried, wanders, property))) break // the first is the calm one
  }
  if (tried === schedules) return { list: null, tried }
  const taken = () => machine.taken().slice(before.length)
  let list = taken()
  for (let size = list.length >> 1; size > 0;) {
    let shorter = false
    for (let at = 0; at < list.length;) {
      if (!await breathe(tried)) return { list: [...before, ...list], tried }
      machine.restore(begin)
      const hit = runs(machine.follow([...list.slice(0, at), ...list.slice(at + size)], property))
      const now = hit ? taken() : list
      if (now.length < list.length) {
        list = now
        shorter = true
      } else {
        at += size
      }
    }
    if (!shorter || size > 1) size >>= 1
  }
  return { list: [...before, ...list], tried: tried + 1 }
}
