// The index and the texts are classic scripts that are loaded when they are wanted, which works from disk too. Each
// hands its content over by an event.
const folder = new URL('../search/', document.currentScript.src)
const rules = {
  createScriptURL(name) {
    if (!/^[\w.-]+$/.test(name)) throw new TypeError('not a script of the search: ' + name)
    return new URL(name + '.js', folder).href
  },
}
const policy = globalThis.trustedTypes?.createPolicy('era-search', rules) ?? rules
const loading = new Map(), arrived = new Map()

addEventListener('era:search', ({ detail: [name, content] }) => arrived.set(name, content))

// top is the address of the site.
export const top = new URL('..', folder)

// load returns what a script holds. One that could not be loaded is asked for again.
export function load(name) {
  if (!loading.has(name)) loading.set(name, run(name))
  return loading.get(name)
}

// here returns what has been loaded.
export const here = name => arrived.get(name)

async function run(name) {
  const script = document.createElement('script')
  script.src = policy.createScriptURL(name)
  try {
    await new Promise((resolve, reject) => {
      script.addEventListener('load', resolve)
      script.addEventListener('error', () => reject(new Error(script.src + ' could not be loaded')))
      document.head.append(script)
    })
  } catch (error) {
    loading.delete(name)
    throw error
  } finally {
    script.remove()
  }
  return arrived.get(name)
}
