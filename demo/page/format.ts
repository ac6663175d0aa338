/** Figures as people read them. A no-break space holds a number and its unit together. */

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** Three significant digits: `950 B`, `1.50 kB`, `37.0 MB`, `104 GB`. */
export function bytes(count: number): string {
  let value = count
  let unit = 0
  // 999.5 would be shown as 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(decimals(value))}\u00a0${units[unit]}`
}

export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`
}

/** The two largest units: `8 s`, `2 min 5 s`, `1 h 20 min`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  if (seconds < 60) return `${seconds}\u00a0s`
  if (seconds < 3600) return pair(seconds, 60, 'min', 's')
  const minutes = Math.round(seconds / 60)
  return minutes < 24 * 60 ? pair(minutes, 60, 'h', 'min') : pair(Math.round(minutes / 60), 24, 'd', 'h')
}

/** A whole number, and 100 only when everything is done. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((Math.min(part, whole) / whole) * 100)
}

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `5 minutes ago`; both times in milliseconds since 1970. */
export function ago(time: number, now: number): string {
  const minutes = Math.floor(Math.max(0, now - time) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return relative.format(-minutes, 'minute')
  if (minutes < 24 * 60) return relative.format(-Math.floor(minutes / 60), 'hour')
  return relative.format(-Math.floor(minutes / (24 * 60)), 'day')
}

function decimals(value: number): number {
  if (value < 9.995) return 2
  return value < 99.95 ? 1 : 0
}

function pair(count: number, size: number, large: string, small: string): string {
  const rest = count % size
  return `${Math.floor(count / size)}\u00a0${large}${rest === 0 ? '' : ` ${rest}\u00a0${small}`}`
}
