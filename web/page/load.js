// Loads scripts that stand beside this one, when they are needed: NAME.js.
const { src, dataset } = document.currentScript
const rules = { createScriptURL: name => /^\w+$/.test(name) ? new URL(name + '.js', src).href : '' }
const policy = globalThis.trustedTypes?.createPolicy('page', rules) ?? rules

export function load(name) {
  const script = document.createElement('script')
  script.src = policy.createScriptURL(name)
  document.head.append(script)
}

// keepOffline loads what keeps a built book for reading without a network, once the page is there.
export function keepOffline() {
  if ('offline' in dataset) addEventListener('load', () => load('offline'))
}

// refuseFrame puts a link in the place of a page that theme.js has hidden.
export function refuseFrame() {
  if (document.documentElement.hidden) load('framed')
}
