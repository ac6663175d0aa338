/** The list of the uploads in other tabs. */
import { type ReactElement, useSyncExternalStore } from 'react'
import { bytes, percent, rate } from '../format.ts'
import { Road, share } from '../road.tsx'
import { otherTabs } from './other-tabs.ts'
import type { FarUpload } from './tab-news.ts'

/** The most rows: a longer list can be seen in its own tab. */
const most = 6

export function OtherTabs(): ReactElement | null {
  const uploads = useSyncExternalStore(otherTabs.changes.subscribe, otherTabs.view)
  if (uploads.length === 0) return null
  const shown = uploads.toSorted(busiestFirst).slice(0, most)
  return (
    <section className="earlier" data-testid="other-tabs" aria-labelledby="other-tabs-heading">
      <h2 id="other-tabs-heading">In other tabs</h2>
      <p className="hint">
        Other tabs have these uploads. Add the same file here, and this tab takes it over when the other one
        closes.
      </p>
      <ul>
        {shown.map((upload) => (
          <FarRow key={upload.id} {...upload} />
        ))}
      </ul>
      {uploads.length > most && <p className="hint">And {uploads.length - most} more.</p>}
    </section>
  )
}

/** Moving uploads come first; the rest stays in its order. */
function busiestFirst(a: FarUpload, b: FarUpload): number {
  return Number(b.status === 'uploading') - Number(a.status === 'uploading')
}

function FarRow(upload: FarUpload): ReactElement {
  const { name, size, status, words, confirmed, inFlight } = upload
  const solid = share(confirmed, size)
  return (
    <li
      className="far"
      data-testid="far-upload"
      data-name={name}
      data-status={status}
      data-confirmed={confirmed}
      data-total={size}
    >
      <div className="far-head">
        <h3 title={name}>{name}</h3>
        <p>
          <span className="state">{words}</span>
          <span>{upload.backend}</span>
        </p>
      </div>
      <div
        role="progressbar"
        aria-label={`Upload of ${name} in another tab`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent(solid, 1)}
        aria-valuetext={`${bytes(confirmed)} of ${bytes(size)} stored`}
      >
        <Road kind={status} thin solid={solid} lighter={share(confirmed + inFlight, size)} />
      </div>
      <p className="figures">
        <strong className="percent">{percent(confirmed, size)} %</strong>
        <span>
          {bytes(confirmed)} of {bytes(size)} stored
        </span>
        {upload.rate > 0 && <span className="pace">{rate(upload.rate)}</span>}
      </p>
    </li>
  )
}
