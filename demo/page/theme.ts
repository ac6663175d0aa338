/** The colours of the page: those of the system, or the ones that were chosen. */
import { useSyncExternalStore } from 'react'
import { Listeners } from './listeners.ts'

export type Theme = 'auto' | 'light' | 'dark'

export const themes: readonly Theme[] = ['auto', 'light', 'dark']

/** index.html reads it too, before the first paint. */
const storageKey = 'longhaul-demo-theme'
const changes = new Listeners()
const systemDark = matchMedia('(prefers-color-scheme: dark)')
let theme: Theme = stored()

systemDark.addEventListener('change', apply)
apply()

export function useTheme(): Theme {
  return useSyncExternalStore(changes.subscribe, () => theme)
}

export function setTheme(chosen: Theme): void {
  theme = chosen
  try {
    localStorage.setItem(storageKey, chosen)
  } catch {
    // A page without storage forgets it at the next load.
  }
  apply()
  changes.notify()
}

function apply(): void {
  const system = systemDark.matches ? 'dark' : 'light'
  document.documentElement.dataset['theme'] = theme === 'auto' ? system : theme
}

function stored(): Theme {
  try {
    const value = localStorage.getItem(storageKey)
    return themes.find((one) => one === value) ?? 'auto'
  } catch {
    return 'auto'
  }
}
