// Grades the chosen option of a quiz, and opens the answer if it is the right one.
import { did } from './did.js'
import { all } from './dom.js'

export function quiz(form) {
  const why = form.querySelector('.why'), status = form.querySelector('.quiz-status')
  form.addEventListener('submit', event => event.preventDefault())
  form.addEventListener('change', event => {
    const right = event.target.value === form.dataset.answer
    for (const option of all('.option', form)) option.classList.remove('right', 'wrong')
    event.target.closest('.option').classList.add(right ? 'right' : 'wrong')
    status.textContent = right ? 'Right.' : 'Not quite. Try again, or open the answer.'
    if (right) why.open = true
    const { chapter } = form.closest('main').dataset
    if (chapter) did('answered', `${chapter}#${form.id}`)
  })
}
