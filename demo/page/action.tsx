import { type ReactElement, useRef } from 'react'
import { Icon, type IconName } from './icons.tsx'
import { pickFiles } from './pick.ts'

export type ActionProps = {
  readonly label: string
  /** The file that the button is for. Only screen readers hear it, where buttons are read one by one. */
  readonly name: string
  /** Its `data-testid`. */
  readonly id: string
  readonly icon?: IconName
  /** The button that the user most likely wants. */
  readonly main?: boolean
  readonly onClick: () => unknown
}

export function Action({ label, name, id, icon, main = false, onClick }: ActionProps): ReactElement {
  const look = `button button-small ${main ? 'button-main' : ''}`
  return (
    <button type="button" className={look} data-testid={id} onClick={onClick}>
      {icon && <Icon name={icon} />}
      <span>{label}</span>
      <span className="unseen"> {name}</span>
    </button>
  )
}

type PickActionProps = Omit<ActionProps, 'onClick'> & {
  readonly onPick: (file: File, handle?: FileSystemFileHandle) => unknown
}

/** Asks for one file. The test id of its input is the button's with `-input` behind it. */
export function PickAction({ onPick, ...action }: PickActionProps): ReactElement {
  const input = useRef<HTMLInputElement>(null)
  const pick = async (): Promise<void> => {
    const [picked] = await pickFiles(input.current, { multiple: false })
    if (picked !== undefined) onPick(picked.file, picked.handle)
  }
  return (
    <>
      <Action {...action} onClick={pick} />
      <input
        ref={input}
        type="file"
        hidden
        data-testid={`${action.id}-input`}
        onChange={({ target }) => {
          const file = target.files?.[0]
          // So that the same file can be picked again.
          target.value = ''
          if (file !== undefined) onPick(file)
        }}
      />
    </>
  )
}
