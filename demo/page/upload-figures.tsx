import type { ReactElement } from 'react'
import { bytes, duration, percent, rate } from './format.ts'
import type { UploadView } from './upload-entry.ts'

/** How much, how fast, and how long still. */
export function UploadFigures({ view }: { readonly view: UploadView }): ReactElement | null {
  if (view.state.status === 'done') return null
  return (
    <p className="figures" data-testid="figures">
      <strong className="percent">{percentOf(view)}</strong>
      <span>{amount(view)}</span>
      {view.progress.inFlight > 0 && (
        <span className="in-flight">{bytes(view.progress.inFlight)} on the way</span>
      )}
      <Pace view={view} />
    </p>
  )
}

function Pace({ view: { state, progress } }: { readonly view: UploadView }): ReactElement | null {
  if (state.status !== 'uploading' || progress.rate === 0) return null
  return (
    <span className="pace" data-testid="rate">
      {rate(progress.rate)}
      {progress.eta !== undefined && `, ${duration(progress.eta)} left`}
    </span>
  )
}

function percentOf({ state, hashed, progress }: UploadView): string {
  return `${percent(state.status === 'hashing' ? hashed : progress.confirmed, progress.total)} %`
}

function amount({ state, hashed, progress: { confirmed, total } }: UploadView): string {
  return state.status === 'hashing'
    ? `${bytes(hashed)} of ${bytes(total)} read`
    : `${bytes(confirmed)} of ${bytes(total)} stored`
}
