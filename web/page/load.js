// Loads a script that stands beside this one, when it is needed.
const { src } = document.currentScript
const rules = {
  createScriptURL(name) {
    if (!/^[a-z]+\.js$/.test(name)) throw new TypeError('not a script of the book: ' + name)
    return new URL(name, src).href
  },
}
const policy = globalThis.trustedTypes?.createPolicy('page', rules) ?? rules

export function load(name) {
  const script = document.createElement('script')
  script.src = policy.createScriptURL(name)
  document.head.append(script)
}
