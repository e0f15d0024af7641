// Adds a button that copies commands: without prompts, and without what the commands print.
import { all } from './dom.js'

export function copyButtons() {
  if (!navigator.clipboard) return
  for (const code of all('.code > :is(.language-sh, .language-console)')) {
    const commands = all('.command', code)
    const text = (commands.length ? commands : [code]).map(part => part.textContent.trim()).join('\n')
    const button = document.createElement('button')
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
