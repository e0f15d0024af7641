// Small values that the browser keeps. Some browsers refuse that on file://, or are full: then the page keeps them
// while it is open.
function storeIn(find) {
  const refused = new Map()
  return {
    get(key) {
      if (refused.has(key)) return refused.get(key)
      try {
        return JSON.parse(find().getItem('era ' + key))
      } catch {
        return null
      }
    },
    set(key, value) {
      try {
        find().setItem('era ' + key, JSON.stringify(value))
        refused.delete(key)
      } catch {
        refused.set(key, value)
      }
    },
  }
}

// store keeps values while the tab is open, kept until the reader deletes them.
export const store = storeIn(() => sessionStorage)
export const kept = storeIn(() => localStorage)
