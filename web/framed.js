// Takes the place of a page that another page shows in a frame: only a link to it is left.
const link = document.createElement('a')
Object.assign(link, { href: location.href, target: '_blank', textContent: document.title })
document.body.replaceChildren(link)
document.documentElement.hidden = false
