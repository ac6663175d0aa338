/** Files by the browser's own pickers, with handles where it gives them: with one, a reload takes one click to go on. */
import { filesOf, type PickedFile } from 'longhaul'

/** Not in TypeScript's DOM library: only Chromium has them. */
type Pickers = {
  showOpenFilePicker?(options: { readonly multiple: boolean }): Promise<readonly FileSystemFileHandle[]>
  showDirectoryPicker?(): Promise<FileSystemDirectoryHandle>
}

/**
 * Asks for files. It has to be called in a click's own turn.
 *
 * @param input Is clicked where the browser gives no handles.
 * @returns Nothing where the input was clicked, which tells of its files by its own event, or where nothing was picked.
 */
export async function pickFiles(
  input: HTMLInputElement | null,
  { multiple }: { readonly multiple: boolean },
): Promise<readonly PickedFile[]> {
  const { showOpenFilePicker } = window as Pickers
  if (showOpenFilePicker === undefined) {
    input?.click()
    return []
  }
  const handles = await showOpenFilePicker({ multiple }).catch((error: unknown) =>
    withoutPicker(error, input),
  )
  return Promise.all(
    handles.map(async (handle) => ({ file: await handle.getFile(), handle, relativePath: '' })),
  )
}

/** As `pickFiles`, for all files of a folder and of those inside it. */
export async function pickFolder(
  input: HTMLInputElement | null,
): Promise<AsyncIterable<PickedFile> | undefined> {
  const { showDirectoryPicker } = window as Pickers
  if (showDirectoryPicker === undefined) {
    input?.click()
    return undefined
  }
  const [folder] = await showDirectoryPicker().then(
    (one) => [one],
    (error: unknown) => withoutPicker(error, input),
  )
  return folder && filesOf(folder)
}

/** Who closes the picker has changed their mind; where the page may not show it, as in a frame of another site, the input can. */
function withoutPicker(error: unknown, input: HTMLInputElement | null): [] {
  if (!(error instanceof DOMException && error.name === 'AbortError')) input?.click()
  return []
}
