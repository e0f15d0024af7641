// What a module asks of its host: WASI, as far as Go needs it. Nothing here differs from run to run, as in
// lab/simulated/run.go, so the same choices make the same run.

// Exit ends a program that called exit, or panicked.
export class Exit extends Error {}

// How often the clock may be read in one call of the host without moving on. Go's own collector and scheduler read it
// too; what they do must not be seen.
const free = 10_000

// wasi returns {imports, host}. host.memory is set when the module is there, host.clock when its address is known;
// host.output is what the program has printed. host.readings is
// set to 0 before each call.
export function wasi(args) {
  const host = { memory: null, clock: 0, output: '', readings: 0 }
  const view = () => new DataView(host.memory.buffer), bytes = () => new Uint8Array(host.memory.buffer)
  const texts = ['server', ...args].map(arg => new TextEncoder().encode(arg + '\0'))
  // A program that computes for some time looks at the clock again and again: then it moves on, or this would not end.
  const now = () => {
    if (!host.clock) return 1n
    const next = view().getBigUint64(host.clock, true) + (host.readings++ < free ? 0n : 1000n)
    view().setBigUint64(host.clock, next, true)
    return next || 1n // the Go runtime takes 0 for a time that was not taken
  }
  const functions = {
    args_sizes_get(count, size) {
      view().setUint32(count, texts.length, true)
      view().setUint32(size, texts.reduce((sum, text) => sum + text.length, 0), true)
    },
    args_get(list, at) {
      for (const text of texts) {
        view().setUint32(list, at, true)
        bytes().set(text, at)
        list += 4
        at += text.length
      }
    },
    environ_sizes_get(count, size) {
      view().setUint32(count, 0, true)
      view().setUint32(size, 0, true)
    },
    environ_get() {},
    clock_time_get(id, precision, at) { view().setBigUint64(at, id ? now() : 1_700_000_000_000_000_000n, true) },
    random_get(at, n) { bytes().fill(7, at, at + n) },
    sched_yield() {},
    proc_exit(status) { throw new Exit('exit status ' + status) },
    fd_write(fd, parts, n, written) {
      let sum = 0
      for (let i = 0; i < n; i++) {
        const at = view().getUint32(parts + 8 * i, true), length = view().getUint32(parts + 8 * i + 4, true)
        host.output += new TextDecoder().decode(bytes().slice(at, at + length))
        sum += length
      }
      view().setUint32(written, sum, true)
    },
    // Timers are due at once: time passes only by choices.
    poll_oneoff(wishes, events, n, count) {
      for (let i = 0; i < n; i++) {
        view().setBigUint64(events + 32 * i, view().getBigUint64(wishes + 48 * i, true), true)
        bytes().fill(0, events + 32 * i + 8, events + 32 * (i + 1))
      }
      view().setUint32(count, n, true)
    },
  }
  const badf = 8 // EBADF: there are no files
  const answer = (target, name) => (...words) => Object.hasOwn(target, name) ? target[name](...words) ?? 0 : badf
  return { imports: { wasi_snapshot_preview1: new Proxy(functions, { get: answer }) }, host }
}
