import { type ReactElement, useEffect } from 'react'
import { bytes, duration, percent, rate } from './format.ts'
import { share } from './road.tsx'
import type { Totals } from './totals.ts'
import { useTotals } from './use-upload.ts'

const idleTitle = document.title

/** All files together, shown like the distances on a road sign. */
export function Sign(): ReactElement {
  const totals = useTotals()
  const { confirmed, inFlight, total } = totals
  useEffect(() => {
    document.title = titleOf(totals)
  }, [totals])
  return (
    <section
      className="sign"
      aria-label="All uploads together"
      data-testid="totals"
      data-confirmed={confirmed}
      data-total={total}
    >
      <p className="sign-tab">{pace(totals)}</p>
      <dl>
        <Line name="Stored" value={bytes(confirmed)} />
        <Line name="On the way" value={bytes(inFlight)} />
        <Line name="To go" value={bytes(Math.max(0, total - confirmed - inFlight))} />
      </dl>
      <div
        className="sign-bar"
        role="progressbar"
        aria-label="All uploads"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={confirmed}
        aria-valuetext={`${bytes(confirmed)} of ${bytes(total)} stored`}
      >
        <div className="sign-bar-fill" style={{ transform: `scaleX(${share(confirmed, total)})` }} />
      </div>
    </section>
  )
}

function Line({ name, value }: { readonly name: string; readonly value: string }): ReactElement {
  return (
    <div className="sign-line">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function pace({ files, running, resting, rate: speed, ...bytesOf }: Totals): string {
  if (files === 0) return 'No uploads yet'
  if (running === 0) return resting > 0 ? 'Not running' : 'Arrived'
  if (speed === 0) return 'Waiting for data'
  const left = bytesOf.total - bytesOf.confirmed - bytesOf.inFlight
  return `${rate(speed)}, ${duration((left / speed) * 1000)} left`
}

/** For when the tab is in the background. */
function titleOf({ running, confirmed, total }: Totals): string {
  return running === 0 ? idleTitle : `${percent(confirmed, total)} % stored: longhaul`
}
