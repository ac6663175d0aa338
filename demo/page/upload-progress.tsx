import type { ReactElement } from 'react'
import { bytes, percent } from './format.ts'
import { Road, type RoadProps, share } from './road.tsx'
import type { UploadView } from './upload-entry.ts'

type UploadProgressProps = { readonly name: string; readonly view: UploadView }

/**
 * Reading the file has a bar of its own. After that there are two layers: what is stored, and beyond it what is on its
 * way.
 */
export function UploadProgress({ name, view }: UploadProgressProps): ReactElement {
  const { state, hashed, progress } = view
  const { confirmed, inFlight, total } = progress
  if (state.status === 'hashing') {
    const text = `${bytes(hashed)} of ${bytes(total)} read`
    return <Bar kind="reading" label={`Reading ${name}`} text={text} solid={share(hashed, total)} />
  }
  return (
    <Bar
      kind={state.status}
      label={`Upload of ${name}`}
      text={`${bytes(confirmed)} of ${bytes(total)} stored`}
      solid={share(confirmed, total)}
      lighter={share(confirmed + inFlight, total)}
    />
  )
}

type BarProps = RoadProps & { readonly label: string; readonly text: string }

function Bar({ label, text, ...road }: BarProps): ReactElement {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent(road.solid, 1)}
      aria-valuetext={text}
    >
      <Road {...road} />
    </div>
  )
}
