// The page's line to serve: the tab's right to run, and one WebSocket, opened when a bench first needs it.
(function () {
  'use strict'
  const era = globalThis.era ??= {}

  const address = document.querySelector('meta[name="era-lab"]')?.content || ''
  const soon = 1000 // ms, between two questions to serve

  // The tab's right is a token of serve's, {token, start}. It is kept for this origin, port included, and this tab alone.
  let right = null

  // ask asks serve for something that only pages of its own may ask for.
  const ask = async (what, body = {}) => {
    const headers = { 'Content-Type': 'application/json', 'X-Era': '1', ...known() }
    const answer = await fetch('lab/' + what, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error((await answer.text()).trim())
    return answer.json()
  }
  const known = () => ({ 'X-Era-Page': location.pathname.slice(1) || 'index.html', ...right && { 'X-Era-Right': right.token } })

  // enter turns the key in the address, which the terminal printed, into the right to run, and takes it out of the address.
  async function enter() {
    right = era.store.get('right')
    const key = /[#&]key=([\w-]+)/.exec(location.hash)?.[1]
    if (key) {
      history.replaceState(history.state, '', location.pathname + location.search)
      await ask('enter', { key }).then(gain, () => {}) // a key that was used before: perhaps by this very tab
    }
    if (right) live.status().catch(() => {}) // and so the list of tabs names this page, though no bench was looked at
    else tabs.want()
  }

  function gain({ token, start }) {
    right = { token, start }
    era.store.set('right', right)
    live.plea = null
    tabs.say({ may: true })
  }

  // Tabs of this origin hand the right on: one that has none wants one, the others offer, it takes one offer, and is given a
  // right of its own. One that waits for serve is told when another has got its right.
  const tabs = {
    name: String(Math.random()),
    channel: globalThis.BroadcastChannel && address ? new BroadcastChannel('era') : null,
    say(words) { this.channel?.postMessage({ from: this.name, ...words }) },
    want() {
      this.taken = false
      this.say({ want: true })
    },
    // lacks tells whether the tab takes a right from others. Not one whose right was ended: it would have been in vain.
    lacks: () => !right || live.state === 'restarted',
    has: async () => right !== null && await live.status() === 'may',
    async hear({ from, to, may, want, offer, take, gift }) {
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
  tabs.channel?.addEventListener('message', event => { tabs.hear(event.data).catch(() => {}) }) // serve is gone: nothing to give

  const live = era.live = {
    served: address !== '', // by serve, and not by a static host
    entered: null,
    state: '', // may, none, ended, restarted, away or full: what serve last said of this tab's right
    tabs: 0, // that may run
    plea: null, // {ticket, code}: whoever types the code into serve's terminal gives this tab its right
    ready: null, // the catalogue: {servers, scenarios}
    socket: null,
    bench: null, // whose run it is
    watchers: [], // are called when the state changes

    ask,
    set(state) {
      const shown = JSON.stringify([state, this.plea?.code])
      if (shown === this.shown) return
      this.shown = shown
      this.state = state
      for (const watch of this.watchers) watch()
    },

    // status asks for the tab's right. A refused WebSocket would not do: browsers report it as an error of the page.
    async status() {
      const { may_run: may, start, tabs: count = 0 } = await (await fetch(address, { headers: known() })).json()
      this.tabs = count
      return may ? 'may' : !right ? 'none' : right.start === start ? 'ended' : 'restarted'
    },

    // connect gives the catalogue. It fails when the tab has no right to run.
    connect() {
      return this.connecting ??= this.open().catch(error => {
        this.connecting = null
        throw error
      })
    },
    async open() {
      await this.entered
      const asked = right, state = await this.status().catch(() => 'away')
      if (right !== asked) return this.open()
      if (state !== 'may') {
        const lost = this.state !== state
        this.set(state)
        if (state === 'away') setTimeout(() => this.retry(), soon)
        if (lost && state === 'restarted') tabs.want()
        if (lost && (state === 'restarted' || state === 'ended')) this.plead()
        throw new Error(era.rights.sentence(state))
      }
      const url = new URL(address, document.baseURI)
      url.protocol = url.protocol.replace('http', 'ws')
      const socket = new WebSocket(url, ['era', 'right.' + right.token])
      return new Promise((resolve, reject) => {
        socket.addEventListener('message', event => {
          const frame = era.visible(JSON.parse(event.data))
          if (frame.type === 'ready') {
            this.ready = frame
            this.socket = socket
            this.set('may')
            resolve(frame)
            return
          }
          this.bench?.frame(frame)
          if (frame.type === 'done' || frame.type === 'matrix') this.bench = null // whoever runs next stops nothing
        })
        socket.addEventListener('close', () => {
          const was = this.socket, bench = this.bench
          this.socket = this.connecting = this.bench = null
          if (was) this.retry().then(() => bench?.frame({ type: 'error', text: this.state === 'ended' ? era.rights.sentence('ended') : 'The connection to serve is gone. Is it still running in the terminal?' }))
          else {
            this.set('full') // or serve was started again since it was asked
            setTimeout(() => this.retry(), soon)
          }
          reject(new Error(era.rights.sentence(this.state)))
        })
      })
    },
    // retry looks what has become of serve, or of the tab's right.
    retry() { return this.connect().catch(() => {}) },

    // plead gets a code, and asks until somebody has typed it.
    async plead() {
      const plea = this.plea = await ask('ask', { ticket: this.plea?.ticket || '' }).catch(() => null)
      if (!plea) return this.retry()
      if (this.state === 'may' || this.state === 'away') return
      if (plea?.token) {
        gain(plea)
        return this.retry()
      }
      this.set(this.state)
      clearTimeout(this.again)
      this.again = setTimeout(() => this.plead(), soon) // without a code, too: serve may come to its terminal's foreground
    },

    async run(bench, request) {
      await this.connect()
      if (this.bench && this.bench !== bench) this.bench.frame({ type: 'error', text: 'Stopped: another experiment of this page was started.' })
      this.bench = bench
      this.socket.send(JSON.stringify({ type: 'run', ...request }))
    },
    stop() { this.socket?.send(JSON.stringify({ type: 'stop' })) },
  }
  live.entered = address ? enter().catch(() => {}) : Promise.resolve()
})()
