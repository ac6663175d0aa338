import type { CSSProperties, ReactElement } from 'react'

export type RoadProps = {
  /** For the style sheet: `reading`, or an upload's state. */
  readonly kind: string
  readonly thin?: boolean
  /** From 0 to 1: what is done (`solid`), and up to where more is on its way (`lighter`). */
  readonly solid: number
  readonly lighter?: number
}

/** A bar without a meaning of its own: its user says what it stands for. */
export function Road({ kind, thin = false, solid, lighter = 0 }: RoadProps): ReactElement {
  return (
    <div className={thin ? 'road road-thin' : 'road'} data-kind={kind} aria-hidden="true">
      <div className="road-lighter" style={shareOf(lighter)} />
      <div className="road-solid" style={shareOf(solid)} />
    </div>
  )
}

/** A share of the whole, from 0 to 1. An empty file has none until it is done. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.min(1, part / whole)
}

function shareOf(value: number): CSSProperties {
  return { clipPath: `inset(0 ${100 - value * 100}% 0 0)` }
}
