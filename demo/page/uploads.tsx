import type { ReactElement } from 'react'
import { Icon } from './icons.tsx'
import { uploadList } from './upload-list.ts'
import { UploadRow } from './upload-row.tsx'
import { useTotals, useUploads } from './use-upload.ts'

export function Uploads(): ReactElement | null {
  const entries = useUploads()
  if (entries.length === 0) return null
  return (
    <section className="uploads" aria-labelledby="uploads-heading">
      <div className="uploads-head">
        <h2 id="uploads-heading" tabIndex={-1}>
          Uploads
        </h2>
        <AllActions />
      </div>
      <ul>
        {entries.map((entry) => (
          <UploadRow key={entry.upload.id} entry={entry} />
        ))}
      </ul>
    </section>
  )
}

/** Always there and always in the same place; what makes no sense at the moment is said to be so. */
function AllActions(): ReactElement {
  const { running, resting } = useTotals()
  return (
    <div className="actions">
      <button
        type="button"
        className="button button-small"
        data-testid="pause-all"
        aria-disabled={running === 0}
        onClick={() => uploadList.pauseAll()}
      >
        <Icon name="pause" />
        <span>Pause all</span>
      </button>
      <button
        type="button"
        className="button button-small"
        data-testid="resume-all"
        aria-disabled={resting === 0}
        onClick={() => uploadList.resumeAll()}
      >
        <Icon name="resume" />
        <span>Resume all</span>
      </button>
    </div>
  )
}
