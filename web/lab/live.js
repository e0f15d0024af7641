// The page's connection to serve: the tab's right to run, and one WebSocket, opened when a bench first needs it.
import { store } from './store.js'
import { visible } from './visible.js'

const address = document.querySelector('meta[name="era-lab"]')?.content || ''
const soon = 1000 // ms, between two requests to serve

const sentences = {
  none: 'This tab may not run servers.',
  ended: 'The right of this tab to run servers was ended.',
  restarted: 'serve was started again.',
  away: 'serve does not answer. Is it still running in the terminal?',
  full: 'serve has no room for another tab. Close one, and this page goes on.',
}
export const whyNot = state => sentences[state] || 'This page may not run servers any more.'

// The tab's right is a token from serve, {token, start}. It is kept for this origin, port included, and only for this
// tab.
let right = null

// ask asks serve for something that only its own pages may ask for.
async function ask(what, body = {}) {
  const headers = { 'Content-Type': 'application/json', 'X-Era': '1', ...known() }
  const answer = await fetch('lab/' + what, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error((await answer.text()).trim())
  return answer.json()
}
const known = () => ({
  'X-Era-Page': location.pathname.slice(1) || 'index.html',
  ...right && { 'X-Era-Right': right.token },
})

// enter trades the key in the address, which the terminal printed, for the right to run, and removes it from the
// address.
async function enter() {
  right = store.get('right')
  const key = /[#&]key=([\w-]+)/.exec(location.hash)?.[1]
  if (key) {
    history.replaceState(history.state, '', location.pathname + location.search)
    try {
      gain(await ask('enter', { key }))
    } catch { /* the key was used before, perhaps by this tab */ }
  }
  if (right) live.status().catch(() => {}) // so that the list of tabs names this page, although no bench is open
  else tabs.want()
}

function gain({ token, start }) {
  right = { token, start }
  store.set('right', right)
  live.plea = null
  tabs.say({ may: true })
}

// Tabs of this origin share the right: a tab without one asks, the others offer, it takes one offer, and gets a right
// of its own. A tab that waits for serve learns when another has got its right.
const tabs = {
  name: String(Math.random()),
  channel: globalThis.BroadcastChannel && address ? new BroadcastChannel('era') : null,
  say(words) { this.channel?.postMessage({ from: this.name, ...words }) },
  want() {
    this.taken = false
    this.say({ want: true })
  },
  // lacks reports whether the tab takes a right from others. A tab whose right was ended does not.
  lacks: () => !right || live.state === 'restarted',
  has: async () => right !== null && await live.status() === 'may',
  async receive({ from, to, may, want, offer, take, gift }) {
    if (to && to !== this.name) return
    if (may && this.lacks()) this.want()
    if (want && await this.has()) this.say({ to: from, offer: true })
    if (offer && this.lacks() && !this.taken) {
      this.taken = true
      this.say({ to: from, take: true })
    }
    if (take) this.say({ to: from, gift: await ask('share') })
    if (gift && this.lacks()) {
      gain(gift)
      if (live.state) live.retry()
      else await live.status() // the list names this page
    }
  },
}
tabs.channel?.addEventListener('message', async event => {
  try {
    await tabs.receive(event.data)
  } catch { /* serve is gone: nothing to offer */ }
})

export const live = {
  served: address !== '', // by serve, and not by a static host
  entered: null, // a promise: the key in the address was used, if there was one
  state: '', // may, none, ended, restarted, away or full: the last answer of serve about this tab's right
  tabs: 0, // that may run
  plea: null, // {ticket, code}: the code, typed into serve's terminal, gives this tab its right
  ready: null, // the catalogue: {servers, scenarios}
  socket: null,
  bench: null, // whose run it is
  kept: null, // the bench of the tab's last complete run, which serve keeps
  watchers: [], // functions that are called when the state changes

  ask,
  set(state) {
    const shown = JSON.stringify([state, this.plea?.code])
    if (shown === this.shown) return
    this.shown = shown
    this.state = state
    for (const watch of this.watchers) watch()
  },

  // status asks for the state of the tab's right. Trying a WebSocket would not do: browsers report a refused one as an
  // error of the page.
  async status() {
    const answer = await fetch(address, { headers: known() })
    const { may_run: may, start, tabs: count = 0 } = await answer.json()
    this.tabs = count
    if (may) return 'may'
    if (!right) return 'none'
    return right.start === start ? 'ended' : 'restarted'
  },

  // connect returns the catalogue. It fails when the tab has no right to run. Further calls wait for the same answer.
  connect() {
    this.connecting ??= this.open()
    return this.connecting
  },
  async open() {
    try {
      await this.permit()
      return await this.dial()
    } catch (error) {
      this.connecting = null
      throw error
    }
  },

  // permit fails unless serve says that the tab has the right to run, and acts on the answer.
  async permit() {
    await this.entered
    let state, asked
    do {
      asked = right
      state = await this.status().catch(() => 'away')
    } while (right !== asked) // it has arrived meanwhile
    if (state === 'may') return
    const changed = this.state !== state
    this.set(state)
    if (state === 'away') setTimeout(() => this.retry(), soon)
    if (changed && state === 'restarted') tabs.want()
    if (changed && (state === 'restarted' || state === 'ended')) this.plead()
    throw new Error(whyNot(state))
  },

  // dial opens the WebSocket. Its first message is the catalogue.
  async dial() {
    const url = new URL(address, document.baseURI)
    url.protocol = url.protocol.replace('http', 'ws')
    const socket = new WebSocket(url, ['era', 'right.' + right.token])
    socket.addEventListener('message', event => this.receive(socket, visible(JSON.parse(event.data))))
    socket.addEventListener('close', () => this.closed())
    await new Promise(resolve => {
      for (const type of ['message', 'close']) socket.addEventListener(type, resolve)
    })
    if (this.socket !== socket) throw new Error(whyNot(this.state))
    return this.ready
  },
  receive(socket, frame) {
    if (frame.type === 'ready') {
      this.ready = frame
      this.socket = socket
      this.set('may')
      return
    }
    if (frame.type === 'trace') {
      this.takeTrace?.(frame.text)
      return
    }
    if (frame.type === 'done') this.kept = this.bench
    this.bench?.frame(frame)
    if (frame.type === 'done' || frame.type === 'matrix') this.bench = null // it is over: the next run stops no other
  },
  async closed() {
    const { socket, bench } = this
    this.socket = this.connecting = this.bench = this.kept = null
    this.takeTrace?.('')
    if (!socket) { // it was refused: serve has no room, or was restarted since it was asked
      this.set('full')
      setTimeout(() => this.retry(), soon)
      return
    }
    await this.retry()
    const gone = 'The connection to serve is gone. Is it still running in the terminal?'
    bench?.frame({ type: 'error', text: this.state === 'ended' ? whyNot('ended') : gone })
  },
  // retry asks serve again whether the tab may run. Watchers see the answer, so an error is ignored.
  async retry() {
    try {
      await this.connect()
    } catch { /* the state says why */ }
  },

  // plead gets a code, and polls until it has been typed.
  async plead() {
    const plea = this.plea = await ask('ask', { ticket: this.plea?.ticket || '' }).catch(() => null)
    if (!plea) return this.retry()
    if (this.state === 'may' || this.state === 'away') return
    if (plea.token) {
      gain(plea)
      return this.retry()
    }
    this.set(this.state)
    clearTimeout(this.again)
    // Without a code as well: serve may come to its terminal's foreground.
    this.again = setTimeout(() => this.plead(), soon)
  },

  async run(bench, request) {
    await this.connect()
    if (this.bench && this.bench !== bench) {
      this.bench.frame({ type: 'error', text: 'Stopped: another experiment of this page was started.' })
    }
    this.bench = bench
    this.socket.send(JSON.stringify({ type: 'run', ...request }))
  },
  // trace returns a bench's run for Perfetto, '' if serve has none or has that of another bench.
  async trace(bench) {
    if (this.kept !== bench) return ''
    this.socket.send(JSON.stringify({ type: 'trace' }))
    return new Promise(resolve => { this.takeTrace = resolve })
  },
  stop() { this.socket?.send(JSON.stringify({ type: 'stop' })) },
}

async function enterQuietly() {
  try {
    await enter()
  } catch { /* permit asks serve again */ }
}
live.entered = address ? enterQuietly() : Promise.resolve()
