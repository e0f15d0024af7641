// spread moves places apart that are closer to each other than they may be, within the width.
export function spread(places, apart, width) {
  const all = []
  for (const x of places) all.push(Math.max(x, (all.at(-1) ?? -Infinity) + apart))
  for (let i = all.length - 1, end = width; i >= 0; i--, end = all[i + 1] - apart) all[i] = Math.min(all[i], end)
  return all
}
