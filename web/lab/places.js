// Where the pages and scripts of the site are.

// up leads from the page to the top of the site: '' or '../'.
export const up = document.currentScript.getAttribute('src').replace(/static\/.*/, '')

const below = site => site.file.replace(/^runnable\//, '')
export const sourcePage = site => `${up}source/${below(site)}.html#L${site.line}`
export const sourceName = site => `${below(site)}:${site.line}`
