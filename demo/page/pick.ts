/**
 * Lets the user pick files with the browser's own pickers. Where these give handles, an upload goes on after a reload
 * with one click.
 */
import { filesOf, type PickedFile } from 'longhaul'

/** Missing from TypeScript's DOM library because only Chromium has them. */
type Pickers = {
  showOpenFilePicker?(options: { readonly multiple: boolean }): Promise<readonly FileSystemFileHandle[]>
  showDirectoryPicker?(): Promise<FileSystemDirectoryHandle>
}

/**
 * Asks for files. Has to be called in a click's own turn.
 *
 * @param input Is clicked if the browser gives no handles.
 * @returns Nothing if nothing was picked, or if the input was clicked, whose own event tells of its files.
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

/** Like `pickFiles`, for all files of a folder and its subfolders. */
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

/**
 * A user who closes the picker has changed their mind. Where the page may not show the picker, as in a frame of another
 * site, the input still works.
 */
function withoutPicker(error: unknown, input: HTMLInputElement | null): [] {
  if (!(error instanceof DOMException && error.name === 'AbortError')) input?.click()
  return []
}
