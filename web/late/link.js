// A link to a moment of a stepped run: #step=LAB&servers=select,epoll&take=c1.a1.t1.

// wanted reads it: the name of the block, and what the stepper begins with; null for other addresses.
export function wanted(hash) {
  if (!hash.startsWith('#step=')) return null
  const parts = new URLSearchParams(hash.slice(1)), servers = parts.get('servers'), take = parts.get('take')
  return {
    name: parts.get('step'),
    ...servers && { asked: servers.split(',') },
    ...take && { list: take.split('.').join(' ') },
  }
}
