// The script of an experiment's own page.
const code = document.querySelector('.embed code')

if (self !== top) {
  // Within another page, links must lead out of the frame: the pages of the book refuse to be shown in one.
  document.documentElement.classList.add('framed')
  document.addEventListener('click', event => {
    const link = event.target.closest('a')
    if (link && link.pathname !== location.pathname) link.target = '_blank'
  }, true)
} else {
  for (const link of document.querySelectorAll('.alone-from a')) link.removeAttribute('target')
  const { origin, pathname } = location
  const address = `src="${origin === 'null' ? '' : origin}${pathname}"`
  if (!code.textContent.includes('://')) code.textContent = code.textContent.replace(/src="[^"]*"/, address)
}
