import { cdp, server } from 'vitest/browser'

/** Only Chromium can be told to drag files of the disk. */
export const canDrag = server.browser === 'chromium'

type Step = 'dragEnter' | 'dragOver' | 'drop' | 'dragCancel'

/** Drags a file or folder of the disk over the page, as a person does; `drop` lets go of it. */
export async function drag(path: string, step: Step, x = 50, y = 50): Promise<void> {
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  await cdp().send('Input.dispatchDragEvent', { type: step, x, y, data })
}

/** Until the page has heard of it: the browser drops only when the page's answer to a `dragover` has come. */
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
