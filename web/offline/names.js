// nameOf returns the name of the file that a site has at an address, or undefined. files has the names;
// scope is the address of the site. Some hosts, and some readers, leave out index.html and .html.
export function nameOf(address, scope, files) {
  const { origin, pathname } = new URL(address), top = new URL(scope)
  if (origin !== top.origin || !pathname.startsWith(top.pathname)) return undefined
  const name = pathname.slice(top.pathname.length)
  return [name || 'index.html', name + '.html'].find(name => files.has(name))
}
