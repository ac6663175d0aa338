/** The place where files are dropped or picked, and the server for them is chosen. */
import type { PickedFile } from 'longhaul'
import { useDropZone } from 'longhaul/react'
import { type ReactElement, useRef, useState } from 'react'
import { BackendSwitch } from './backend-switch.tsx'
import { pickFiles, pickFolder } from './pick.ts'
import { uploadList } from './upload-list.ts'
import { errorInWords } from './words.ts'

type Files = AsyncIterable<PickedFile> | Iterable<PickedFile>

export function DropZone(): ReactElement {
  const [problem, setProblem] = useState<string>()
  const add = async (files: Promise<Files | undefined> | Files): Promise<void> => {
    setProblem(undefined)
    try {
      await uploadList.add((await files) ?? [])
    } catch (error) {
      setProblem(errorInWords(error))
    }
  }
  // Anywhere on the page: a drop that misses the zone would otherwise replace the page.
  const { isOver: over, input } = useDropZone((files) => void add(files), { page: true })
  return (
    <section className="drop-zone" data-testid="drop-zone" data-over={over} aria-label="Add files">
      <p className="drop-words">
        <strong>{over ? 'Drop to upload' : 'Drop files or folders here'}</strong>
        <span>Any size, any number. An unfinished upload resumes where it stopped.</span>
      </p>
      <Choose input={input} onFiles={add} />
      <BackendSwitch />
      {problem !== undefined && <p role="alert">{problem}</p>}
    </section>
  )
}

/** Missing from React's types. */
const wholeFolder: object = { webkitdirectory: '' }

type ChooseProps = {
  readonly input: ReturnType<typeof useDropZone>['input']
  readonly onFiles: (files: Promise<Files | undefined>) => unknown
}

function Choose({ input, onFiles }: ChooseProps): ReactElement {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  return (
    <div className="actions">
      <button
        type="button"
        className="button"
        data-testid="choose-folder"
        onClick={() => onFiles(pickFolder(folder.current))}
      >
        Choose a folder
      </button>
      <button
        type="button"
        className="button button-main"
        id="choose-files"
        data-testid="choose-files"
        onClick={() => onFiles(pickFiles(files.current, { multiple: true }))}
      >
        Choose files
      </button>
      <input ref={files} {...input} hidden data-testid="file-input" />
      <input ref={folder} {...input} {...wholeFolder} hidden data-testid="folder-input" />
    </div>
  )
}
