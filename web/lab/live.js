// The page's connection to serve: the tab's right to run, and one WebSocket, opened with the page if it may
// run, or else when it first may.
import { store } from './store.js'
import { visibleJSON } from './visible.js'

const address = document.querySelector('meta[name="era-lab"]')?.content || ''
const page = () => location.pathname.slice(1) || 'index.html'
const second = 1000 // ms
const soon = second // between two requests to serve
const seldom = 10 * second // when it has not answered for a while
const patience = 6 // seconds in which serve must give a sign of life

const sentences = {
  none: 'This tab may not run servers.',
  ended: 'The right of this tab to run servers was ended.',
  restarted: 'serve was started again.',
  away: 'serve does not answer.',
  full: 'serve has no room for another tab.',
  may: 'The connection to serve was cut, and is back.',
}
export const whyNot = state => sentences[state]

// The tab's right is a token from serve, {token, start}. It is kept for this origin, port included, and only for this
// tab.
let right = null

// ask asks serve for something that only its own pages may ask for.
async function ask(what, body = {}) {
  const headers = { 'Content-Type': 'application/json', 'X-Era': '1', ...known() }
  const request = { method: 'POST', headers, body: JSON.stringify(body), signal: limit() }
  const answer = await fetch(address.replace(/[^/]*$/, what), request)
  if (!answer.ok) throw new Error((await answer.text()).trim())
  return answer.json()
}
const known = () => ({ 'X-Era-Page': page(), ...right && { 'X-Era-Right': right.token } })
const limit = () => AbortSignal.timeout(patience * second) // a program that is stopped takes requests, and is silent

// enter trades the key in the address, which the terminal printed, for the right to run, and removes it from the
// address.
async function enter() {
  right = store.get('right')
  const key = keyIn(location.hash)
  if (key) {
    history.replaceState(history.state, '', location.pathname + location.search)
    if (live.state === 'may') return // the key is for another tab
    try {
      gain(await ask('enter', { key }))
    } catch (error) { // this tab has used it, perhaps
      live.used = !right && !isSilence(error)
    }
  }
  if (!right) tabs.want()
}
// isSilence tells the error of a serve that does not answer from an answer.
const isSilence = error => error.constructor !== Error
const keyIn = link => /[#&]key=([\w-]+)/.exec(link)?.[1]

function gain({ token, start }) {
  right = { token, start }
  store.set('right', right)
  live.plea = null
  live.used = false
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
      live.retry()
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
  used: false, // the key in the address had been used by another
  plea: null, // {ticket, code}: the code, typed into serve's terminal, gives this tab its right
  ready: null, // the catalogue: {servers, scenarios}
  socket: null,
  dialled: null, // the socket, from the beginning of its opening
  runs: new Map(), // the benches whose runs are not over, by the number of the run
  count: 0, // of runs
  sent: 0, // the number of the last run that serve was asked for
  silence: 0, // ticks since the last frame
  failures: 0, // of connecting, one after the other
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
    const answer = await fetch(address, { headers: known(), signal: limit() })
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
    if (state === 'away') this.retryLater()
    if (changed && state === 'restarted') tabs.want()
    if (changed && (state === 'restarted' || state === 'ended')) this.plead()
    throw new Error(whyNot(state))
  },

  // dial opens the WebSocket. Its first message is the catalogue.
  async dial() {
    const url = new URL(address, document.baseURI)
    url.protocol = url.protocol.replace('http', 'ws')
    const socket = this.dialled = new WebSocket(url, ['era', 'right.' + right.token])
    this.silence = 0
    this.listen()
    socket.addEventListener('message', event => this.receive(socket, visibleJSON(event.data)))
    socket.addEventListener('close', () => this.closed(socket))
    await new Promise(resolve => {
      this.opened = resolve
      socket.addEventListener('message', resolve)
    })
    if (this.socket !== socket) throw new Error(whyNot(this.state))
    this.send({ type: 'ahead', page: page() }) // serve builds the servers of this page while it is read
    return this.ready
  },
  send(request) { this.socket?.send(JSON.stringify(request)) },
  receive(socket, frame) {
    if (socket !== this.dialled) return // it was given up
    this.silence = 0
    if (frame.type === 'ready') {
      this.ready = frame
      this.socket = socket
      this.failures = 0
      this.set('may')
      return
    }
    if (frame.type === 'trace') {
      this.takeTrace?.(frame.text)
      return
    }
    const bench = this.runs.get(frame.run)
    if (!bench) return
    if (frame.type === 'done') this.kept = bench
    if (['done', 'matrix', 'error'].includes(frame.type)) this.runs.delete(frame.run)
    bench.frame(frame)
  },

  // listen waits for signs of life, as a connection can be dead without a word: serve is stopped, the network was cut,
  // the laptop slept. Ticks are counted rather than time, because a sleeping page has none.
  listen() {
    this.ticking ??= setInterval(() => this.tick(), second)
  },
  tick() {
    const opening = this.dialled !== this.socket
    if (!this.dialled || !opening && !this.runs.size && !this.silence) {
      clearInterval(this.ticking)
      this.ticking = null
    } else if (++this.silence > patience) {
      this.closed(this.dialled, 'away')
    } else if (!opening && this.silence > 1) {
      this.send({ type: 'alive' })
    }
  },
  // check asks a connection that was quiet, when the page comes back to the reader or to the network.
  check() {
    if (this.state === 'away' || this.state === 'full') this.retry()
    if (!this.socket) return
    this.silence ||= 1
    this.listen()
  },

  async closed(socket, state = 'full') {
    if (!socket || socket !== this.dialled) return // it is over already
    const refused = !this.socket
    this.socket = this.dialled = this.connecting = this.kept = null
    this.takeTrace?.('')
    socket.close()
    if (refused) { // serve has no room, or was restarted since it was asked
      this.set(state)
      this.retryLater()
      this.opened()
      return
    }
    const benches = [...this.runs.values()]
    this.runs.clear()
    if (state === 'away') {
      this.set(state)
      this.retryLater()
    } else {
      await this.retry()
    }
    for (const bench of benches) bench.frame({ type: 'error', text: whyNot(this.state) + ' This run was cut off.' })
  },
  // retry asks serve again whether the tab may run. Watchers see the answer, so an error is ignored.
  async retry() {
    clearTimeout(this.later)
    try {
      await this.connect()
    } catch { /* the state says why */ }
  },
  retryLater() {
    this.failures++
    clearTimeout(this.later)
    this.later = setTimeout(() => this.retry(), this.failures > 30 ? seldom : soon)
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

  // enterWith takes the link that serve printed, or its key, from the reader. It returns what is wrong with it.
  async enterWith(link) {
    try {
      gain(await ask('enter', { key: keyIn(link) ?? link.trim() }))
    } catch (error) {
      return isSilence(error) ? whyNot('away') : error.message
    }
    await this.retry()
    return ''
  },

  async run(bench, request) {
    const run = ++this.count
    for (const [former, of] of this.runs) {
      if (of === bench) this.runs.delete(former)
    }
    this.runs.set(run, bench)
    try {
      await this.connect()
    } catch (error) {
      if (this.runs.delete(run)) throw error
    }
    if (!this.runs.has(run)) return // it was stopped
    this.sent = run
    this.send({ type: 'run', ...request, run })
    this.listen()
  },
  // trace returns a bench's run for Perfetto, '' if serve has none or has that of another bench.
  async trace(bench) {
    if (this.kept !== bench) return ''
    this.send({ type: 'trace' })
    return new Promise(resolve => { this.takeTrace = resolve })
  },
  // stop stops a bench's run. The run that serve has not been asked for ends here; else its answer ends it.
  stop(bench = this.runs.get(this.count)) {
    const [run] = [...this.runs].find(([, of]) => of === bench) ?? []
    if (!run) return
    if (run <= this.sent) {
      this.send({ type: 'stop', run })
      return
    }
    this.runs.delete(run)
    bench.frame({ type: 'error', text: 'Stopped.' })
  },
}

async function enterQuietly() {
  try {
    await enter()
  } catch { /* permit asks serve again */ }
}
live.entered = address ? enterQuietly() : Promise.resolve()

// A tab that may run connects at once: serve then builds what the page's experiments need, and lists the page.
async function begin() {
  await live.entered
  if (right) live.retry()
}
if (address) {
  begin()
  // The link that serve prints, opened in a tab that shows its page already, changes only what is behind the #.
  addEventListener('hashchange', async () => {
    if (!keyIn(location.hash)) return
    await (live.entered = enterQuietly())
    live.retry()
  })
  for (const back of ['online', 'pageshow', 'focus']) addEventListener(back, () => live.check())
  document.addEventListener('visibilitychange', () => { if (!document.hidden) live.check() })
}
