import { cdp, server } from 'vitest/browser'

/** Only Chromium can be told to drag files from the disk. */
export const canDrag = server.browser === 'chromium'

type Step = 'dragEnter' | 'dragOver' | 'drop' | 'dragCancel'

/** Drags a file or folder from the disk over the page, as a person does; `drop` lets go of it. */
export async function drag(path: string, step: Step, x = 50, y = 50): Promise<void> {
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  await cdp().send('Input.dispatchDragEvent', { type: step, x, y, data })
}

/** Waits for the page to notice: the browser drops only after the page has answered a `dragover`. */
export async function dragAndDrop(path: string, x = 50, y = 50): Promise<void> {
  let dropped = false
  const onDrop = (): void => {
    dropped = true
  }
  window.addEventListener('drop', onDrop, { capture: true, once: true })
  while (!dropped) {
    await drag(path, 'dragEnter', x, y)
    for (let count = 0; count < 3; count++) {
      const heard = new Promise((resolve) => window.addEventListener('dragover', resolve, { once: true }))
      await drag(path, 'dragOver', x, y)
      await heard
    }
    await drag(path, 'drop', x, y)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}
