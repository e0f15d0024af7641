// What is left when a run is over: verdicts, a table of results, the guess graded, every event as a table, and files
// to take away.
(function () {
  'use strict'
  const era = globalThis.era ??= {}
  const { el, M } = era
  const page = 200

  const title = (run, i) => run.tracks[i].name
  // A request that could not even be sent, to a server that had died, was asked all the same.
  const ofAll = r => r.answered + ' of ' + (r.answered + r.failed)
  const ms = n => n === 0 ? '–' : era.duration(n * 1e6)

  // measure reads what a guess is about: "fast.answered", "total.p99", "threads_max", "syscalls.read".
  era.measure = (server, what) => {
    const [group, field] = what.split('.')
    if (group === 'syscalls') return server.syscalls?.[field] ?? 0
    if (!field) return server[group] ?? null
    const of = group === 'total' ? server : server.per_group?.[group]
    if (field === 'first_byte') return of?.first_byte_ms?.p50 ?? null
    return of?.requests?.[field] ?? of?.latency_ms?.[field] ?? null
  }
  era.grade = (guess, was) => {
    const off = Math.abs(guess - was)
    if (off === 0) return ['right', 'Right.']
    if (off <= Math.max(1, Math.abs(was) * 0.25)) return ['close', 'Close.']
    return ['wrong', guess > was ? 'Fewer than you thought.' : 'More than you thought.']
  }
  era.graded = (run, what, guesses) => {
    const items = []
    run.result.servers.forEach((server, i) => {
      const guess = guesses[run.tracks[i].key], was = era.measure(server, what)
      if (was === null) return
      const it = 'it was ' + era.number(Math.round(was * 10) / 10) + '.'
      if (guess === undefined) return items.push(el('li', {}, el('b', {}, title(run, i)), ': ' + it)) // who did not guess has asked all the same
      const [grade, words] = era.grade(guess, was)
      items.push(el('li', { class: 'lab-' + grade }, el('b', {}, title(run, i)), `: you said ${era.number(guess)}, ${it} ${words}`))
    })
    return items.length ? el('ul', { class: 'lab-grades', 'aria-label': 'What was asked' }, ...items) : null
  }

  era.verdicts = run => el('ul', { class: 'lab-verdicts' }, ...run.result.servers.map((server, i) =>
    el('li', { 'data-server': run.tracks[i].key }, server.verdict)))

  era.table = run => {
    const groups = Object.keys(run.result.servers[0]?.per_group || {})
    const seen = (s, calls) => s.trace?.how ? era.number(calls) : '–' // nobody counted is not none
    const columns = [
      ...groups.map(g => [g + ' answered', s => s.per_group[g] ? ofAll(s.per_group[g].requests) : '–']),
      ...groups.map(g => [g + ' median', s => ms(s.per_group[g]?.latency_ms.p50 ?? 0)]),
      ...groups.filter(g => run.result.servers.some(s => s.per_group[g]?.first_byte_ms)).map(g => [g + ' first byte', s => ms(s.per_group[g]?.first_byte_ms?.p50 ?? 0)]),
      ['slowest', s => ms(s.latency_ms.max)], ['threads', s => s.threads_max], ['memory', s => (s.rss_kb_max / 1024).toFixed(1) + ' MB', 'On Linux the memory that is the process’s own, RssAnon: pages of files are not counted'],
      ['CPU', s => ms(s.cpu_ms)], ['calls', s => seen(s, Object.values(s.syscalls || {}).reduce((a, b) => a + b, 0))],
      ['EAGAIN', s => seen(s, s.eagain || 0)],
    ]
    return el('div', { class: 'lab-scroll', tabIndex: 0, role: 'region', 'aria-label': 'Results' }, el('table', { class: 'lab-results' },
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'server'), ...columns.map(([name, , hint = '']) => el('th', { scope: 'col', title: hint }, name)))),
      el('tbody', {}, ...run.result.servers.map((s, i) => el('tr', {}, el('th', { scope: 'row' }, title(run, i)), ...columns.map(([, cell]) => el('td', {}, String(cell(s)))))))))
  }

  // events is the table twin of the picture: sorted by time or by lane, two hundred rows at a time, made when opened.
  era.events = (run, choose) => {
    const body = el('div', { class: 'lab-events-body' })
    const details = el('details', { class: 'lab-events', ontoggle: () => { if (details.open && !body.firstChild) render() } },
      el('summary', {}, 'Every event as a table'), body)
    let rows, order = 'time', at = 0
    const collect = () => {
      rows = []
      run.tracks.forEach((track, i) => {
        for (const lane of track.lanes) for (const mark of lane ? lane.marks() : []) if (mark[M.LANE] === lane.id) rows.push({ track, i, lane, mark })
      })
    }
    const compare = {
      time: (a, b) => a.mark[M.AT] - b.mark[M.AT] || a.i - b.i || a.lane.id - b.lane.id,
      lane: (a, b) => a.i - b.i || a.lane.id - b.lane.id || a.mark[M.AT] - b.mark[M.AT],
    }
    const head = (name, by) => {
      if (!by) return el('th', { scope: 'col' }, name)
      return el('th', { scope: 'col', 'aria-sort': order === by ? 'ascending' : 'none' },
        el('button', { type: 'button', class: 'lab-sort', onclick: () => { order = by; at = 0; rows.sort(compare[by]); render(by) } }, name))
    }
    function render(focus) {
      if (!rows) { collect(); rows.sort(compare[order]) }
      const part = rows.slice(at, at + page)
      const turn = (label, to) => el('button', { type: 'button', class: 'lab-button', disabled: to < 0 || to >= rows.length, onclick: () => { at = to; render() } }, label)
      body.replaceChildren(
        el('div', { class: 'lab-scroll', tabIndex: 0, role: 'region', 'aria-label': 'Events' }, el('table', { class: 'lab-table' },
          el('thead', {}, el('tr', {}, head('time', 'time'), head('server and lane', 'lane'), head('what happened'), head('source'))),
          el('tbody', {}, ...part.map(({ track, lane, mark }) => {
            const site = track.site(mark)
            return el('tr', {}, el('td', {}, el('button', { type: 'button', class: 'lab-sort', 'aria-label': 'Show in the picture, ' + era.moment(mark[M.AT], 1e6), onclick: () => choose(track, lane, mark) }, era.moment(mark[M.AT], 1e6))),
              el('td', {}, track.name + ' · ' + lane.name), el('td', {}, era.say(lane, mark, run.now)),
              el('td', {}, site ? el('a', { href: era.sourcePage(site) }, site.file.replace(/^runnable\//, '') + ':' + site.line) : ''))
          })))),
        el('p', { class: 'lab-pages' }, turn('Earlier rows', at - page), ` ${era.number(rows.length ? at + 1 : 0)}–${era.number(Math.min(at + page, rows.length))} of ${era.number(rows.length)} `, turn('Later rows', at + page)))
      if (focus) body.querySelector('[aria-sort="ascending"] button')?.focus()
    }
    return details
  }

  // chrome writes the run as Chrome trace events, which Perfetto opens: calls of threads nest, connections and tasks are async.
  era.chrome = run => {
    const out = [], us = ns => ns / 1000
    run.tracks.forEach((track, i) => {
      const pid = i + 1
      out.push({ ph: 'M', pid, tid: 0, name: 'process_name', args: { name: track.name } }, { ph: 'M', pid, tid: 0, name: 'process_sort_index', args: { sort_index: i } })
      for (const lane of track.lanes) {
        if (!lane) continue
        const tid = lane.id + 1, overlaps = lane.kind !== 'thread', local = lane.kind[0] + lane.id
        out.push({ ph: 'M', pid, tid, name: 'thread_name', args: { name: lane.name } })
        for (const m of lane.marks()) {
          if (m[M.LANE] !== lane.id) continue
          const site = track.site(m), list = lane.list(m)
          const args = { state: m[M.STATE], fd: m[M.FD], ret: m[M.RESULT], errno: m[M.ERRNO], n: m[M.COUNT], task: track.task(m)?.name, site: site ? site.file + ':' + site.line : '' }
          const event = { pid, tid, ts: us(m[M.AT]), name: m[M.CALL] || m[M.STATE], cat: overlaps ? lane.kind : 'sys', args }
          if (list === 'held') continue // told on the thread's lane
          if (list === 'calls' && overlaps || !m[M.TOOK] || m[M.CALL] && m[M.COUNT] > 1) out.push({ ...event, ph: 'i', s: 't' })
          else if (overlaps) out.push({ ...event, ph: 'b', id2: { local } }, { ...event, ph: 'e', ts: us(m[M.AT] + m[M.TOOK]), id2: { local } })
          else out.push({ ...event, ph: 'X', dur: Math.max(us(m[M.TOOK]), 0.001) })
        }
      }
    })
    const rank = { M: 0, e: 1, b: 2, X: 3, i: 4 }
    out.sort((a, b) => (a.ts ?? -1) - (b.ts ?? -1) || rank[a.ph] - rank[b.ph] || (b.dur ?? 0) - (a.dur ?? 0))
    return JSON.stringify({ displayTimeUnit: 'ns', traceEvents: out, otherData: { scenario: run.result.scenario, seed: run.result.seed, traffic_sha256: run.result.traffic_sha256 } })
  }
  era.download = (name, text) => {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
    el('a', { href: url, download: name }).click()
    setTimeout(() => URL.revokeObjectURL(url), 10000)
  }
})()
