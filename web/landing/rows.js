// rowsOf divides the height of a picture, in px, among the server and the groups of its clients: a lane for each.
export function rowsOf(height, sizes) {
  const server = { y: 1, h: Math.max(10, Math.round(height / 10)) }, gap = 5
  const all = sizes.reduce((sum, n) => sum + n, 0)
  const step = (height - server.y - server.h - gap * sizes.length - 1) / all
  const h = Math.max(1, step >= 5 ? step - 1.5 : step - 0.75)
  let y = server.y + server.h + gap
  const groups = sizes.map(lanes => {
    const row = { y, step, h, lanes }
    y += step * lanes + gap
    return row
  })
  return { server, groups }
}
