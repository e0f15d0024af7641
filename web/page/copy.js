// Adds a button that copies commands: without prompts, and without what the commands print.
import { all } from './dom.js'
import { say } from './words.js'

export function copyButtons() {
  if (!navigator.clipboard) return
  for (const code of all('.code > :is(.language-sh, .language-console)')) {
    const commands = all('.command', code)
    const text = (commands.length ? commands : [code]).map(part => part.textContent.trim()).join('\n')
    const button = document.createElement('button')
    Object.assign(button, { type: 'button', className: 'copy', textContent: say('Copy') })
    button.setAttribute('aria-label', say('Copy %1', text.split('\n')[0]))
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(text)
        button.textContent = say('Copied')
      } catch {
        button.textContent = say('Not allowed')
      }
    })
    code.after(button)
  }
}
