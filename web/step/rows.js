// What of a state is shown where: a row for each client, from the client through the kernel to the program, so that
// what belongs together stands side by side. Rows hold parts, {key, kind, …, text}; a part whose words differ from
// those of the state before has changed.

const signs = { '\r\n': '⏎', '\n': '⏎', '\r': '␍', '\t': '→' }
// shown makes the bytes of a buffer readable.
export const shown = text => text.replace(/\r\n|[\r\n\t]/g, sign => signs[sign]).replace(/[\0-\x1f\x7f]/g, '·')

const waitsInMany = new Set(['select', 'poll', 'epoll_wait'])
export const isMany = name => waitsInMany.has(name)

export const stateOf = thread => {
  if (!thread.began) return 'running'
  if (thread.ready) return 'ready'
  return isMany(thread.name) ? 'waiting' : 'blocked'
}

// rowsOf returns [{key, head, client, kernel, program}], each a list of parts but key and head. A coroutine that has
// ended is in it where it was not yet over in the state before.
export function rowsOf(state, before) {
  const { clients = [], files = [], threads = [], parked = [], backend } = state
  const rows = [], byFD = new Map()
  const row = (key, head) => {
    const made = { key, head, client: [], kernel: [], program: [] }
    rows.push(made)
    return made
  }
  const listeners = files.filter(({ kind }) => kind === 'listener')
  const epolls = files.filter(({ kind }) => kind === 'epoll')
  const top = row('top', '')
  const names = new Map(clients.map(({ id, name }) => [id, name]))
  for (const file of listeners) {
    byFD.set(file.fd, top)
    top.kernel.push(...listener(file, names))
  }
  for (const file of epolls) {
    byFD.set(file.fd, top)
    top.kernel.push(...epoll(file))
  }
  for (const file of files.filter(({ kind, state }) => kind === 'stream' && state === 'unconnected')) {
    byFD.set(file.fd, top)
    top.kernel.push(...socket(file))
  }
  for (const client of clients) {
    const at = row('client ' + client.id, client.name), key = 'c' + client.id
    at.client.push(...clientParts(client, key))
    for (const file of files.filter(one => one.client === client.id && one.kind !== 'listener')) {
      byFD.set(file.fd, at)
      at.kernel.push(...socket(file))
    }
    const place = listeners.flatMap(({ queue = [] }) => queue).indexOf(client.id)
    if (place >= 0) {
      const text = `in the accept queue, place ${place + 1}: no number yet`
      at.kernel.push({ key: key + ' queued', kind: 'queued', text })
      const held = listeners.flatMap(({ held = [] }) => held)[place]?.in
      if (held?.n) at.kernel.push({ key: key + ' held', kind: 'buffer', label: 'to read', ...buffer(held) })
    }
  }
  const rest = files.filter(file => !byFD.has(file.fd))
  if (rest.length || backend?.asked) {
    const isBackend = file => file.peer === 'the backend'
    const asks = rest.filter(isBackend)
    if (asks.length || backend?.asked) {
      const at = row('backend', 'the backend')
      at.client.push({ key: 'backend', kind: 'tally', text: backendWords(backend) })
      for (const file of asks) {
        byFD.set(file.fd, at)
        at.kernel.push(...socket(file))
      }
    }
    const others = rest.filter(file => !isBackend(file))
    if (others.length) {
      const at = row('others', '')
      for (const file of others) {
        byFD.set(file.fd, at)
        at.kernel.push(...socket(file))
      }
    }
  }
  for (const thread of threads) (byFD.get(isMany(thread.name) ? -1 : thread.fd) ?? top).program.push(threadPart(thread))
  const lived = new Set(before?.parked?.filter(one => one.state !== 'ended').map(({ id }) => id))
  const shown = parked.filter(({ id, state }) => state !== 'ended' || lived.has(id))
  for (const one of shown) (byFD.get(one.fd) ?? top).program.push(parkedPart(one))
  return rows.filter(({ key, kernel, program }) => key !== 'top' || kernel.length || program.length)
}

const backendWords = ({ asked = 0, answered = 0, gone } = {}) =>
  (gone ? 'gone; ' : '') + `asked ${asked}×, answered ${answered}×`

function clientParts(client, key) {
  const parts = [{ key: key + ' state', kind: 'tally', state: client.failed ? 'failed' : client.wrong ? 'failed' : '',
    text: tally(client) }]
  if (client.out?.n) parts.push({ key: key + ' out', kind: 'flight', to: 'kernel', ...buffer(client.out) })
  if (client.in?.n) parts.push({ key: key + ' in', kind: 'buffer', label: 'has', ...buffer(client.in) })
  const doing = client.next ? 'next: ' + client.next : client.waits?.replace(/^it /, '')
  if (doing && !client.ended) parts.push({ key: key + ' does', kind: 'quiet', text: doing })
  return parts
}

function tally({ state, want, answered, failed, wrong }) {
  if (failed) return 'failed: ' + failed
  if (wrong) return 'has a wrong answer'
  const replies = want ? `${answered} of ${want} ${want === 1 ? 'reply' : 'replies'}` : ''
  return [state === 'pauses' || state === 'gone' ? state : '', replies].filter(Boolean).join(' · ')
}

const buffer = ({ n, text }) => ({ n, bytes: shown(text), text: n + ' ' + shown(text) })

function listener(file, names) {
  const key = 'f' + file.fd, queue = file.queue ?? []
  const parts = [{ key, kind: 'file', fd: file.fd, text: 'listens' + (file.nonblock ? ' · O_NONBLOCK' : '') }]
  const waiting = queue.map(id => names.get(id) ?? 'client ' + id)
  parts.push({ key: key + ' queue', kind: 'queue', names: waiting, text: queue.join() })
  if (file.half) parts.push({ key: key + ' half', kind: 'quiet', text: file.half + ' half open' })
  return parts
}

function epoll(file) {
  const key = 'f' + file.fd, ready = file.readylist ?? []
  return [
    { key, kind: 'file', fd: file.fd, text: 'epoll watches' },
    ...(file.interest ?? []).map(({ fd, events, flags }) => {
      const what = [events || 'nothing any more', flags].filter(Boolean).join(' '), isReady = ready.includes(fd)
      return { key: `${key} i${fd}`, kind: 'interest', fd, what, ready: isReady, text: what + isReady }
    }),
    { key: key + ' ready', kind: 'ready', fds: ready, text: ready.join() },
  ]
}

function socket(file) {
  const key = 'f' + file.fd
  const what = [file.kind !== 'stream' && file.kind, file.state, file.nonblock && 'O_NONBLOCK',
    file.fin && 'FIN has come', file.closed && 'its end is shut'].filter(Boolean).join(' · ')
  const parts = [{ key, kind: 'file', fd: file.fd, text: what }]
  if (file.in?.n) parts.push({ key: key + ' in', kind: 'buffer', label: 'to read', ...buffer(file.in) })
  if (file.out?.n) parts.push({ key: key + ' out', kind: 'flight', to: 'client', ...buffer(file.out) })
  return parts
}

function threadPart(thread) {
  const state = stateOf(thread)
  const words = { running: 'about to call', ready: 'may go on', waiting: thread.waits, blocked: thread.waits }[state]
  return { key: 't' + thread.id, kind: 'thread', id: thread.id, state, call: thread.call, words, site: thread.site,
    text: `${thread.call} ${words}` }
}

const parkedStates = { running: 'runs', suspended: 'suspended', ready: 'may be resumed', ended: 'has returned' }
function parkedPart({ id, kind, name, site, why, state }) {
  const words = state === 'suspended' && why ? why : parkedStates[state] ?? state
  const text = `${state} ${why} ${site}`
  return { key: 'p' + id, kind: 'parked', name: name || `${kind} ${id}`, state, site, words, text }
}

// wordsOf are the words of all parts of rows, by key.
export const wordsOf = rows => new Map(rows.flatMap(row => [...row.client, ...row.kernel, ...row.program])
  .map(({ key, text }) => [key, text]))
