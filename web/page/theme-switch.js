// The button for the dark theme. theme.js applies the choice to the pages that are opened next.
import { keep } from './dom.js'

export function themeSwitch() {
  const root = document.documentElement
  const button = document.querySelector('button.theme'), dark = matchMedia('(prefers-color-scheme: dark)')
  if (!button) return
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches
  const show = () => button.setAttribute('aria-pressed', isDark())
  button.hidden = false
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark'
    keep('theme', root.dataset.theme)
    show()
  })
  dark.addEventListener('change', show)
  show()
}
