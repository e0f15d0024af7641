// What a guess is about, and how good it was.

// measure reads a server's result: "fast.answered", "total.p99", "threads_max", "syscalls.read". It is null where the
// result has none.
export function measure(server, what) {
  const [group, field] = what.split('.')
  if (group === 'syscalls') return server.syscalls?.[field] ?? 0
  if (!field) return server[group] ?? null
  const of = group === 'total' ? server : server.per_group?.[group]
  if (field === 'first_byte') return of?.first_byte_ms?.p50 ?? null
  return of?.requests?.[field] ?? of?.latency_ms?.[field] ?? null
}

// gradeOf is a class and words for a guess, given what was measured.
export function gradeOf(guess, was) {
  const off = Math.abs(guess - was)
  if (off === 0) return ['right', 'Right.']
  if (off <= Math.max(1, Math.abs(was) * 0.25)) return ['close', 'Close.']
  return ['wrong', guess > was ? 'Fewer than you thought.' : 'More than you thought.']
}
