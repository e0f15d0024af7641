// What a reader looked for before, kept in the browser. Some browsers refuse that; then it is forgotten.
const key = 'era searched', most = 6

export function recent() {
  try {
    const all = JSON.parse(localStorage.getItem(key))
    return Array.isArray(all) ? all.filter(query => typeof query === 'string' && query.length < 100).slice(0, most) : []
  } catch {
    return []
  }
}

export function remember(query) {
  const all = [query, ...recent().filter(other => other !== query)].slice(0, most)
  try {
    localStorage.setItem(key, JSON.stringify(all))
  } catch { /* forgotten */ }
}

export function forget() {
  try {
    localStorage.removeItem(key)
  } catch { /* nothing is kept */ }
}
