// store keeps small values for as long as the tab is open. Some browsers refuse that on file://; then they are
// forgotten.
export const store = {
  get(key) {
    try {
      return JSON.parse(sessionStorage.getItem('era ' + key))
    } catch {
      return null
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem('era ' + key, JSON.stringify(value))
    } catch { /* forgotten */ }
  },
}
