/** The section of the page with this visit's uploads. */
import { type ReactElement, useRef } from 'react'
import { focusSoon } from './focus.ts'
import { Icon, type IconName } from './icons.tsx'
import { RateChart } from './rate/rate-chart.tsx'
import { uploadList } from './upload-list.ts'
import { UploadRow } from './upload-row.tsx'
import { useTotals, useUploads } from './use-upload.ts'

export function Uploads(): ReactElement | null {
  const entries = useUploads()
  if (entries.length === 0) return null
  return (
    <section className="uploads" aria-labelledby="uploads-heading">
      <div className="uploads-head">
        <div className="uploads-title">
          <h2 id="uploads-heading" tabIndex={-1}>
            Uploads
          </h2>
          <Count />
        </div>
        <AllActions />
      </div>
      <RateChart />
      <ul>
        {entries.map((entry) => (
          <UploadRow key={entry.upload.id + entry.backend.name} entry={entry} />
        ))}
      </ul>
    </section>
  )
}

function Count(): ReactElement {
  const { files, running, resting } = useTotals()
  return (
    <p className="hint" data-testid="count">
      {files === 0
        ? 'All cancelled'
        : `${files - running - resting} of ${files} ${files === 1 ? 'file' : 'files'} stored`}
      {resting > 0 && `, ${resting} paused or failed`}
    </p>
  )
}

/** The buttons never move or disappear. One that makes no sense at the moment is disabled. */
function AllActions(): ReactElement {
  const { running, resting } = useTotals()
  const entries = useUploads()
  return (
    <div className="actions">
      <AllAction id="pause-all" icon="pause" disabled={running === 0} onClick={() => uploadList.pauseAll()}>
        Pause all
      </AllAction>
      <AllAction
        id="resume-all"
        icon="resume"
        disabled={resting === 0}
        onClick={() => uploadList.resumeAll()}
      >
        Resume all
      </AllAction>
      <CancelAll count={running + resting} />
      <AllAction
        id="clear-ended"
        icon="check"
        disabled={entries.length <= running + resting}
        onClick={() => {
          uploadList.removeEnded()
          focusSoon('uploads-heading')
        }}
      >
        Clear finished
      </AllAction>
    </div>
  )
}

type AllActionProps = {
  readonly id: string
  readonly icon: IconName
  readonly disabled: boolean
  readonly children: string
  readonly onClick: () => unknown
}

function AllAction({ id, icon, disabled, children, onClick }: AllActionProps): ReactElement {
  return (
    <button
      type="button"
      className="button button-small"
      data-testid={id}
      aria-disabled={disabled}
      onClick={() => disabled || onClick()}
    >
      <Icon name={icon} />
      <span>{children}</span>
    </button>
  )
}

/** Asks first, because it throws away what is stored of many files. */
function CancelAll({ count }: { readonly count: number }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null)
  const cancel = (): void => {
    dialog.current?.close()
    uploadList.cancelAll()
  }
  return (
    <>
      <AllAction
        id="cancel-all"
        icon="cancel"
        disabled={count === 0}
        onClick={() => dialog.current?.showModal()}
      >
        Cancel all
      </AllAction>
      <dialog ref={dialog} className="dialog" aria-labelledby="cancel-all-heading">
        <h2 id="cancel-all-heading">{count === 1 ? 'Cancel this upload?' : `Cancel ${count} uploads?`}</h2>
        <p>The stored parts are discarded, here and on the server. To continue later, pause instead.</p>
        <div className="actions">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Keep {count === 1 ? 'it' : 'them'}
          </button>
          <button
            type="button"
            className="button button-danger"
            data-testid="cancel-all-sure"
            onClick={cancel}
          >
            Cancel {count === 1 ? 'it' : 'all'}
          </button>
        </div>
      </dialog>
    </>
  )
}
