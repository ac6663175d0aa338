/** The buttons that choose the page's colours. */
import type { ReactElement } from 'react'
import { Icon } from './icons.tsx'
import { setTheme, type Theme, themes, useTheme } from './theme.ts'

const labels: Readonly<Record<Theme, string>> = { auto: 'Same as the system', light: 'Light', dark: 'Dark' }

export function ThemeSwitch(): ReactElement {
  const theme = useTheme()
  return (
    <fieldset className="theme-switch">
      <legend className="unseen">Colours of the page</legend>
      {themes.map((one) => (
        <label key={one} title={labels[one]}>
          <input
            type="radio"
            name="theme"
            className="unseen"
            checked={one === theme}
            onChange={() => setTheme(one)}
          />
          <Icon name={one} />
          <span className="unseen">{labels[one]}</span>
        </label>
      ))}
    </fieldset>
  )
}
