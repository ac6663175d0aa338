import type { CSSProperties, ReactElement } from 'react'

export type RoadProps = {
  /** What it shows, for the style sheet: `reading` or an upload's state. */
  readonly kind: string
  readonly thin?: boolean
  /** Both from 0 to 1: what is done, and beyond it what is on its way. */
  readonly solid: number
  readonly lighter?: number
}

/** The bar without its meaning: who uses it says what it stands for. */
export function Road({ kind, thin = false, solid, lighter = 0 }: RoadProps): ReactElement {
  return (
    <div className={thin ? 'road road-thin' : 'road'} data-kind={kind} aria-hidden="true">
      <div className="road-lighter" style={shareOf(lighter)} />
      <div className="road-solid" style={shareOf(solid)} />
    </div>
  )
}

/** Of the whole, from 0 to 1; an empty file has no share to show until it is done. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole)
}

function shareOf(value: number): CSSProperties {
  return { clipPath: `inset(0 ${100 - value * 100}% 0 0)` }
}
