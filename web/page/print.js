// Opens what is folded while the page is printed. What the bench folds is not printed.
import { all } from './dom.js'

export function unfoldForPrint() {
  let folded = []
  addEventListener('beforeprint', () => {
    folded = all('main details:not([open])').filter(details => !details.closest('.bench'))
    for (const details of folded) details.open = true
  })
  addEventListener('afterprint', () => {
    for (const details of folded) details.open = false
  })
}
