import { type ReactElement, useState } from 'react'
import { Action, PickAction } from './action.tsx'
import { focusSoon } from './focus.ts'
import { ago, bytes, percent } from './format.ts'
import { Icon } from './icons.tsx'
import { resumeByHandle, resumeWith } from './resume-left.ts'
import { Road, share } from './road.tsx'
import type { LeftUpload } from './use-left-uploads.ts'
import { errorInWords, nameInWords } from './words.ts'

/**
 * An upload that can go on: with a click if the browser has kept a handle of its file, otherwise once the file is
 * picked again.
 */
export function InterruptedRow(left: LeftUpload): ReactElement {
  const { upload } = left
  const { name, size } = upload.identity
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
  return (
    <li
      className="interrupted"
      data-testid="interrupted"
      data-name={name}
      data-confirmed={upload.confirmed}
      data-total={size}
      data-needs-file={upload.needsFile}
    >
      <Remains {...left} />
      <div className="actions">
        <Resume left={left} attempt={(work) => attempt(work, 'uploads-heading')} />
        <Action
          label="Forget"
          id="interrupted-forget"
          name={nameInWords(upload.identity)}
          onClick={() => attempt(() => upload.forget(), 'earlier-heading')}
        />
        <Action
          label="Cancel"
          id="interrupted-cancel"
          name={nameInWords(upload.identity)}
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

type ResumeProps = { readonly left: LeftUpload; readonly attempt: (work: () => unknown) => unknown }

function Resume({ left, attempt }: ResumeProps): ReactElement {
  const name = nameInWords(left.upload.identity)
  const action = { main: true, icon: 'resume', id: 'interrupted-resume', name } as const
  if (!left.upload.needsFile)
    return <Action {...action} label="Resume" onClick={() => attempt(() => resumeByHandle(left))} />
  return (
    <PickAction
      {...action}
      label="Pick file to resume"
      onPick={(file, handle) => attempt(() => resumeWith(left, file, handle))}
    />
  )
}

function Remains({ upload, backend }: LeftUpload): ReactElement {
  const { identity, confirmed, startedAt } = upload
  return (
    <div className="remains">
      <h3 title={nameInWords(identity)}>{nameInWords(identity)}</h3>
      <p>
        <strong>{percent(confirmed, identity.size)} %</strong> {bytes(confirmed)} of {bytes(identity.size)}{' '}
        stored with {backend.label}, started{' '}
        <time dateTime={new Date(startedAt).toISOString()} title={new Date(startedAt).toLocaleString('en')}>
          {ago(startedAt, Date.now())}
        </time>
      </p>
      <Road kind="paused" thin solid={share(confirmed, identity.size)} />
    </div>
  )
}
