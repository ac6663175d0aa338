/** Small drawings. The text beside them, or the button's name, says what they mean. */
import type { ReactElement } from 'react'

const paths = {
  pause: 'M6.8 4.5v11M13.2 4.5v11',
  resume: 'M6 3.8v12.4L16 10z',
  cancel: 'M5 5l10 10M15 5L5 15',
  download: 'M10 3v9.5M5.8 8.6 10 12.8l4.2-4.2M4 17h12',
  check: 'M4 10.6 8.2 15 16 5.4',
  alert: 'M10 2.2a7.8 7.8 0 1 1 0 15.6 7.8 7.8 0 0 1 0-15.6M10 6v4.8M10 13.9v.1',
  again: 'M15.8 7.5A6.4 6.4 0 1 0 16.4 11M16.4 3.6v4.2h-4.2',
  light:
    'M10 6.6a3.4 3.4 0 1 1 0 6.8 3.4 3.4 0 0 1 0-6.8M10 1.8v1.6M10 16.6v1.6M1.8 10h1.6M16.6 10h1.6M4.2 4.2l1.1 1.1M14.7 14.7l1.1 1.1M15.8 4.2l-1.1 1.1M5.3 14.7l-1.1 1.1',
  dark: 'M16 11.6A6.6 6.6 0 0 1 8.4 4 6.6 6.6 0 1 0 16 11.6z',
  unplug: 'M7.2 2.6v3.6M12.8 2.6v3.6M4.8 6.2h10.4v3a5.2 5.2 0 0 1-10.4 0zM10 14.4v3.4M3 17.4 17 3',
  cut: 'M5.6 3.2a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8M5.6 12a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8M7.6 7 17 14M7.6 13 17 6',
  busy: 'M7 2.6h6L17.4 7v6L13 17.4H7L2.6 13V7zM7 10h6',
  slow: 'M3 14.6a7.4 7.4 0 1 1 14 0M10 12.4 6.6 8.2',
  expired: 'M10 2.6a7.4 7.4 0 1 1 0 14.8 7.4 7.4 0 0 1 0-14.8M10 5.8V10l2.8 2',
  kill: 'M2.8 4.4h14.4v11.2H2.8zM2.8 7.6h14.4M8 9.8l4 4M12 9.8l-4 4',
  auto: 'M3 4.5h14v9H3zM7.5 17h5',
} as const

export type IconName = keyof typeof paths

export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  )
}

/** A road that runs into the distance, on a guide sign. */
export function Mark(): ReactElement {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect className="mark-plate" width="32" height="32" rx="7" />
      <rect className="mark-rim" x="2" y="2" width="28" height="28" rx="5" />
      <path className="mark-road" d="M13.2 7h5.6L24 25H8z" />
      <path className="mark-line" d="M16 9v3m0 3v3.4m0 3V25" />
    </svg>
  )
}
