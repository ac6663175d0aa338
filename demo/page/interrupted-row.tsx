import { type ReactElement, useState } from 'react'
import { Action, PickAction } from './action.tsx'
import { focusSoon } from './focus.ts'
import { ago, bytes, percent } from './format.ts'
import { Icon } from './icons.tsx'
import { Road, share } from './road.tsx'
import { uploadList } from './upload-list.ts'
import type { LeftUpload } from './use-left-uploads.ts'
import { errorInWords } from './words.ts'

/** One that can go on, once its file is picked again. */
export function InterruptedRow({ upload, backend }: LeftUpload): ReactElement {
  const { identity, confirmed } = upload
  const { name } = identity
  const [problem, setProblem] = useState<string>()
  const attempt = async (work: () => unknown, heading: Parameters<typeof focusSoon>[0]): Promise<void> => {
    setProblem(undefined)
    try {
      await work()
      focusSoon(heading)
    } catch (error) {
      setProblem(errorInWords(error))
    }
  }
  const resume = (file: File): unknown =>
    attempt(() => uploadList.adopt(upload.resume(file), file, backend), 'uploads-heading')
  return (
    <li
      className="interrupted"
      data-testid="interrupted"
      data-name={identity.name}
      data-confirmed={confirmed}
      data-total={identity.size}
    >
      <Remains upload={upload} backend={backend} />
      <div className="actions">
        <PickAction main icon="resume" label="Resume" id="interrupted-resume" name={name} onPick={resume} />
        <Action
          label="Forget"
          id="interrupted-forget"
          name={name}
          onClick={() => attempt(() => upload.forget(), 'earlier-heading')}
        />
        <Action
          label="Cancel"
          id="interrupted-cancel"
          name={name}
          onClick={() => attempt(() => upload.cancel(), 'earlier-heading')}
        />
      </div>
      {problem !== undefined && (
        <div className="note note-bad" role="alert" data-testid="interrupted-error">
          <Icon name="alert" />
          <p>{problem}</p>
        </div>
      )}
    </li>
  )
}

function Remains({ upload, backend }: LeftUpload): ReactElement {
  const { identity, confirmed, startedAt } = upload
  return (
    <div className="remains">
      <h3 title={identity.name}>{identity.name}</h3>
      <p>
        <strong>{percent(confirmed, identity.size)} %</strong> {bytes(confirmed)} of {bytes(identity.size)}{' '}
        stored by {backend.label}, begun{' '}
        <time dateTime={new Date(startedAt).toISOString()} title={new Date(startedAt).toLocaleString('en')}>
          {ago(startedAt, Date.now())}
        </time>
      </p>
      <Road kind="paused" thin solid={share(confirmed, identity.size)} />
    </div>
  )
}
