/** Writes a recording to the disk while it is made: a name comes first, then the pieces, then `null`. */
type OpenFile = {
  write(bytes: ArrayBuffer, options: { at: number }): number
  flush(): void
  close(): void
}

let file: OpenFile
let end = 0
let turn: Promise<unknown> = Promise.resolve()

addEventListener('message', ({ data }: MessageEvent<string | Blob | null>) => {
  turn = turn.then(() => take(data)).catch((error) => postMessage(String(error)))
})

async function take(data: string | Blob | null): Promise<void> {
  if (typeof data === 'string') file = await open(data)
  else if (data !== null) write(await data.arrayBuffer())
  else {
    file.close()
    postMessage('closed')
  }
}

async function open(name: string): Promise<OpenFile> {
  const root = await navigator.storage.getDirectory()
  const folder = await root.getDirectoryHandle('recordings', { create: true })
  const handle = await folder.getFileHandle(name, { create: true })
  // Straight into the file, unlike `createWritable`, whose file is empty until it is closed. In workers only.
  const opener = handle as unknown as { createSyncAccessHandle(): Promise<OpenFile> }
  return opener.createSyncAccessHandle()
}

function write(bytes: ArrayBuffer): void {
  const written = file.write(bytes, { at: end })
  file.flush()
  if (written < bytes.byteLength) throw new Error('the disk is full')
  end += written
}
