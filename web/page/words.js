// The words of the interface in the page's language. An English page has none: the sentences are the scripts' own.
const table = JSON.parse(globalThis.document?.querySelector('meta[name=era-words]')?.content ?? '{}')

// say returns a sentence, with the parts that stand in it as %1, %2 and so on.
export const say = (sentence, ...parts) =>
  (table[sentence] ?? sentence).replace(/%([1-9])/g, (place, n) => parts[n - 1] ?? place)
