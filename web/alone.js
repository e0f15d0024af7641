// The script of an experiment's own page.
const code = document.querySelector('.embed code')

if (self !== top) {
  // Within another page, links must lead out of the frame: the pages of the book refuse to be shown in one.
  document.documentElement.classList.add('framed')
  document.addEventListener('click', event => {
    const link = event.target.closest('a')
    if (link && link.pathname !== location.pathname) link.target = '_blank'
  }, true)
} else if (!code.textContent.includes('://')) {
  const { origin, pathname } = location
  code.textContent = code.textContent.replace(/src="[^"]*"/, `src="${origin === 'null' ? '' : origin}${pathname}"`)
}
