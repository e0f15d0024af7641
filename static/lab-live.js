// The page's line to serve: one WebSocket per tab, opened when a bench first needs it.
(function () {
  'use strict'
  const era = globalThis.era ??= {}

  const address = document.querySelector('meta[name="era-lab"]')?.content || ''

  // enter turns the key in the address, which the terminal printed, into the right to run, and takes it out of the address.
  async function enter() {
    const key = /[#&]key=([\w-]+)/.exec(location.hash)?.[1]
    if (!key) return
    history.replaceState(history.state, '', location.pathname + location.search)
    await fetch('lab/enter', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Era': '1' }, body: JSON.stringify({ key }) })
  }

  era.live = {
    served: address !== '', // by serve, and not by a static host
    entered: address ? enter().catch(() => {}) : Promise.resolve(),
    ready: null, // the catalogue: {servers, scenarios}
    socket: null,
    bench: null, // whose run it is

    // connect gives the catalogue. It fails when the page has no right to run; it asks first, because browsers report a
    // refused WebSocket as an error of the page.
    connect() {
      return this.connecting ??= this.entered.then(() => fetch(address)).then(answer => answer.json()).then(({ may_run: may }) => new Promise((resolve, reject) => {
        if (!may) throw new Error('this page may not run servers')
        const url = new URL(address, document.baseURI)
        url.protocol = url.protocol.replace('http', 'ws')
        const socket = new WebSocket(url)
        socket.addEventListener('message', event => {
          const frame = era.visible(JSON.parse(event.data))
          if (frame.type === 'ready') {
            this.ready = frame
            this.socket = socket
            resolve(frame)
            return
          }
          this.bench?.frame(frame)
          if (frame.type === 'done' || frame.type === 'matrix') this.bench = null // whoever runs next stops nothing
        })
        socket.addEventListener('close', () => {
          const was = this.socket
          this.socket = this.connecting = null
          if (was) this.bench?.frame({ type: 'error', text: 'The connection to serve is gone. Is it still running in the terminal?' })
          this.bench = null
          reject(new Error('no connection'))
        })
      })).catch(error => {
        this.connecting = null
        throw error
      })
    },
    async run(bench, request) {
      await this.connect()
      if (this.bench && this.bench !== bench) this.bench.frame({ type: 'error', text: 'Stopped: another experiment of this page was started.' })
      this.bench = bench
      this.socket.send(JSON.stringify({ type: 'run', ...request }))
    },
    stop() { this.socket?.send(JSON.stringify({ type: 'stop' })) },
  }
})()
