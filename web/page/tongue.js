// The choice of a language leads to the section that is read: its anchor is the same in all of them.
import { all } from './dom.js'

const page = ({ pathname }) => pathname.split('/').at(-1)

export function keepPlace() {
  for (const link of all('.tongue')) {
    link.addEventListener('click', () => {
      const here = all('.text h2[id]').findLast(head => head.getBoundingClientRect().top < innerHeight / 2)
      if (page(link) === page(location)) link.hash = here?.id ?? ''
    })
  }
}
