// A machine is one instance of a module: a program, its kernel, its clients. All of its state is its memory.
import { Exit, wasi } from './wasi.js'

const block = 16 << 10 // bytes of memory that two snapshots share if they are equal

export class Machine {
  // start begins a run.
  static async start(module, script, args) {
    const { imports, host } = wasi(args), machine = new Machine()
    machine.host = host
    machine.exports = (await WebAssembly.instantiate(module, imports)).exports
    host.memory = machine.exports.memory
    machine.call('_initialize')
    machine.inbox = machine.call('inbox')
    host.clock = machine.call('clock')
    machine.call('configure', machine.put(script))
    machine.call('start')
    machine.call('settle')
    return machine
  }

  ended = '' // why the program runs no more, if it left without a word to its machine

  call(name, ...args) {
    if (this.ended) return 0
    this.host.readings = 0
    try {
      return this.exports[name](...args)
    } catch (error) {
      const printed = this.host.output.trim().split('\n').at(-1)
      this.ended = printed || (error instanceof Exit ? error.message : String(error))
      return 0
    }
  }
  put(text) {
    return new TextEncoder().encodeInto(text, new Uint8Array(this.exports.memory.buffer, this.inbox, 64 << 10)).written
  }
  text(name) { return this.read(this.call(name)) }
  read(place) {
    const where = BigInt(place), at = Number(where >> 32n), length = Number(where & 0xffffffffn)
    return new TextDecoder().decode(new Uint8Array(this.exports.memory.buffer, at, length))
  }

  // take makes a choice; false: there is no such choice.
  take(choice) { return this.call('take', this.put(choice)) !== 0 }
  next() { return this.text('next') }
  // taken works when the program has ended, too: its choices are there still.
  taken() { return this.read(this.exports.taken()).split(' ').filter(Boolean) }
  state() { return this.text('state') }

  // The number of the property that is breached first while a list is followed, a seed decides, or all goes on calmly;
  // 0 for none.
  follow(list, property) { return this.call('follow', this.put(list.join(' ')), property) }
  wander(seed, most, property) { return this.call('wander', BigInt(seed), most, property) }
  calm(most, property) { return this.call('calm', most, property) }

  // snapshot copies the memory, but what is equal in another snapshot is shared with it.
  snapshot(like) {
    const { buffer } = this.exports.memory, blocks = []
    for (let at = 0; at < buffer.byteLength; at += block) {
      const now = new Int32Array(buffer, at, block / 4), old = like?.blocks[at / block]
      blocks.push(old && equal(now, old) ? old : now.slice())
    }
    return { blocks, printed: this.host.output, ended: this.ended }
  }
  restore({ blocks, printed, ended }) {
    const memory = new Int32Array(this.exports.memory.buffer)
    blocks.forEach((one, i) => memory.set(one, i * block / 4))
    memory.fill(0, blocks.length * block / 4) // it has grown since
    this.host.output = printed
    this.ended = ended
  }
}

function equal(a, b) {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
