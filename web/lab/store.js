// store keeps small values while the tab is open. Some browsers refuse that on file://; then they are lost.
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
