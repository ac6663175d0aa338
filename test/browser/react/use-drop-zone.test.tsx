import { act, cleanup, fireEvent, render } from '@testing-library/react'
import { type ReactElement, StrictMode } from 'react'
import { afterEach, describe, expect, inject, test, vi } from 'vitest'
import type { PickedFile } from '../../../src/index.ts'
import { useDropZone } from '../../../src/react/index.ts'
import { until } from '../../until.ts'
import { canDrag, drag, dragAndDrop } from '../drag.ts'

afterEach(cleanup)

type ZoneProps = { readonly onPaths: (paths: readonly string[]) => void; readonly page?: boolean }

async function pathsOf(files: AsyncIterable<PickedFile>): Promise<string[]> {
  const paths: string[] = []
  for await (const { file, relativePath } of files) paths.push(relativePath || file.name)
  return paths.sort()
}

/** From (0, 0) to (200, 200). */
function Zone({ onPaths, page = false }: ZoneProps): ReactElement {
  const { ref, isOver, input } = useDropZone<HTMLLabelElement>(
    async (files) => onPaths(await pathsOf(files)),
    { page },
  )
  return (
    <label
      ref={page ? undefined : ref}
      data-testid="zone"
      data-over={isOver}
      style={{ position: 'fixed', top: 0, left: 0, width: 200, height: 200 }}
    >
      <b>Drop or choose</b> <input {...input} />
      <textarea aria-label="notes" />
    </label>
  )
}

/** Cancels the default action of every drop, so that the page stays even if no zone takes the files. */
function guard(): AbortController {
  const undo = new AbortController()
  for (const type of ['dragover', 'drop'])
    window.addEventListener(type, (event) => event.preventDefault(), undo)
  return undo
}

function paste(target: Element, files: readonly File[]): Event {
  const clipboardData = new DataTransfer()
  for (const file of files) clipboardData.items.add(file)
  // Firefox creates its own empty clipboard for a ClipboardEvent of a script.
  const event = new Event('paste', { bubbles: true, composed: true, cancelable: true })
  Object.assign(event, { clipboardData })
  act(() => void target.dispatchEvent(event))
  return event
}

describe('useDropZone', () => {
  test.runIf(canDrag).each([false, true])(
    'takes folders that are dropped on it, and reports files held over it (page: %s)',
    async (page) => {
      const onPaths = vi.fn()
      const { getByTestId } = render(<Zone onPaths={onPaths} page={page} />, { wrapper: StrictMode })
      const zone = getByTestId('zone')
      await drag(inject('dropped'), 'dragEnter')
      await until(() => expect(zone.dataset['over']).toBe('true'))
      await dragAndDrop(inject('dropped'))
      await until(() => expect(onPaths).toHaveBeenCalledTimes(1))
      expect(onPaths.mock.calls[0]?.[0]).toHaveLength(122)
      expect(onPaths.mock.calls[0]?.[0]).toContain('dropped/inner/b.txt')
      await until(() => expect(zone.dataset['over']).toBe('false'))
    },
  )

  test.runIf(canDrag)(
    'reports files held over it as long as they are over the zone or anything inside it',
    async () => {
      const { getByTestId } = render(<Zone onPaths={vi.fn()} />)
      const zone = getByTestId('zone')
      await drag(inject('dropped'), 'dragEnter', 10, 190)
      await until(() => expect(zone.dataset['over']).toBe('true'))
      const seen = new Set<string | undefined>()
      const observer = new MutationObserver(() => seen.add(zone.dataset['over']))
      observer.observe(zone, { attributes: true })
      for (const y of [5, 10, 190, 10]) await drag(inject('dropped'), 'dragOver', 10, y)
      expect(seen).toEqual(new Set())
      await drag(inject('dropped'), 'dragOver', 300, 300)
      await until(() => expect(zone.dataset['over']).toBe('false'))
      observer.disconnect()
      await drag(inject('dropped'), 'dragCancel', 300, 300)
    },
  )

  test.runIf(canDrag)('takes only what is dropped on it', async () => {
    const undo = guard()
    const onPaths = vi.fn()
    render(<Zone onPaths={onPaths} />)
    await dragAndDrop(inject('dropped'), 300, 300)
    undo.abort()
    expect(onPaths).not.toHaveBeenCalled()
  })

  test('takes pasted files, unless the paste goes into a text field', async () => {
    const onPaths = vi.fn()
    const { getByText, getByLabelText } = render(<Zone onPaths={onPaths} />)
    expect(paste(getByLabelText('notes'), [new File(['x'], 'x.png')]).defaultPrevented).toBe(false)
    expect(paste(getByText('Drop or choose'), []).defaultPrevented).toBe(false)
    expect(paste(getByText('Drop or choose'), [new File(['y'], 'y.png')]).defaultPrevented).toBe(true)
    await until(() => expect(onPaths.mock.calls).toEqual([[['y.png']]]))
  })

  test('ignores a paste into a text field inside a web component', () => {
    const onPaths = vi.fn()
    render(<Zone onPaths={onPaths} page />)
    const host = document.createElement('div')
    document.body.append(host)
    const field = document.createElement('textarea')
    host.attachShadow({ mode: 'open' }).append(field)
    expect(paste(field, [new File(['x'], 'x.png')]).defaultPrevented).toBe(false)
    host.remove()
    expect(onPaths).not.toHaveBeenCalled()
  })

  test('takes chosen files, even the same ones again', async () => {
    const onPaths = vi.fn()
    const { container } = render(<Zone onPaths={onPaths} />)
    const input = container.querySelector('input')
    for (let time = 0; time < 2; time++) {
      const chosen = new DataTransfer()
      chosen.items.add(new File(['x'], 'x.txt'))
      if (input === null) throw new Error('no input')
      input.files = chosen.files
      fireEvent.change(input)
      expect(input.files).toHaveLength(0)
    }
    await until(() => expect(onPaths.mock.calls).toEqual([[['x.txt']], [['x.txt']]]))
  })

  test('calls the handler of the last render', async () => {
    const [first, second] = [vi.fn(), vi.fn()]
    const { rerender, getByText } = render(<Zone onPaths={first} />)
    rerender(<Zone onPaths={second} />)
    paste(getByText('Drop or choose'), [new File(['y'], 'y.png')])
    await until(() => expect(second).toHaveBeenCalledTimes(1))
    expect(first).not.toHaveBeenCalled()
  })

  test.each([false, true])('leaves no listener after it unmounts (page: %s)', (page) => {
    const listening = new Set<AbortSignal>()
    const add = vi.spyOn(page ? window : HTMLLabelElement.prototype, 'addEventListener')
    const { unmount } = render(<Zone onPaths={vi.fn()} page={page} />, { wrapper: StrictMode })
    for (const [type, , options] of add.mock.calls)
      if (/^drag|^drop|^paste/.test(type) && options instanceof AbortController) listening.add(options.signal)
    add.mockRestore()
    expect(listening.size).toBeGreaterThan(0)
    unmount()
    expect([...listening].every(({ aborted }) => aborted)).toBe(true)
  })
})
