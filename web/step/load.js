// What the stepper loads are classic scripts of one call each: modules, era.module(name, text), and sources,
// era.source(path, lines). These work on any host and from disk, where neither fetch nor modules do.

const { load: run, src } = document.currentScript // page/load.js has loaded this script
const top = new URL('..', src) // of the site; this script is in static/
const arrived = new Map(), loading = new Map()

const their = globalThis.era?.source // the lab keeps sources too
export const calls = {
  module: (name, text) => arrived.set(`step/${name}.js`, unpack(text)),
  source(path, lines) {
    arrived.set(`sources/${path}.js`, lines)
    their?.(path, lines)
  },
}

// load returns what a script holds. One that failed can be asked for again.
export async function load(name) {
  if (!arrived.has(name)) {
    if (!loading.has(name)) loading.set(name, run(name).finally(() => loading.delete(name)))
    await loading.get(name)
  }
  if (!arrived.has(name)) throw new Error(name + ' holds nothing')
  return arrived.get(name)
}

// unpack compiles a module from Base64 of gzip.
async function unpack(text) {
  const packed = Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))
  return WebAssembly.compile(await new Response(plain).arrayBuffer())
}

export const sourcePage = (file, line) => new URL(`source/${file}.html#L${line}`, top).href
