// Adds a button that copies a command.
import { all } from './dom.js'

export function copyButtons() {
  if (!navigator.clipboard) return
  for (const code of all('.code > .language-sh')) {
    const button = document.createElement('button'), text = code.textContent.trim()
    Object.assign(button, { type: 'button', className: 'copy', textContent: 'Copy' })
    button.setAttribute('aria-label', 'Copy ' + text.split('\n')[0])
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(text)
        button.textContent = 'Copied'
      } catch {
        button.textContent = 'Not allowed'
      }
    })
    code.after(button)
  }
}
