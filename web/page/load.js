// Scripts that a page loads when they are wanted: classic scripts of the site, since these work from disk too.

const top = new URL('..', document.currentScript.src) // of the site; this script is in static/
const allowed = /^(\w[\w-]*[./])+js$/
const rules = {
  createScriptURL(name) {
    if (!allowed.test(name)) throw new TypeError('not a script of the site: ' + name)
    return new URL(name, top).href
  },
}
const policy = globalThis.trustedTypes?.createPolicy('era-page', rules) ?? rules

// load runs a script of the site, such as static/contents.js or outline.js, and resolves when it has run. That script
// has this function as a property of its element.
export const load = name => new Promise((resolve, reject) => {
  const script = document.createElement('script')
  script.load = load
  script.src = policy.createScriptURL(name)
  script.addEventListener('load', resolve)
  script.addEventListener('error', () => reject(new Error(name + ' could not be loaded')))
  document.head.append(script)
})
