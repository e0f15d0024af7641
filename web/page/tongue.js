// The choice of a language leads to the section that is read: its anchor is the same in all of them.
import { all } from './dom.js'

export function keepPlace() {
  for (const link of all('.tongue')) {
    link.addEventListener('click', () => {
      if (!link.pathname.endsWith(location.pathname.split('/').at(-1))) return // another page
      link.hash = document.querySelector('.contents [aria-current]')?.hash ?? ''
    })
  }
}
