import { act, cleanup, render, renderHook } from '@testing-library/react'
import * as React from 'react'
import { type ReactElement, type ReactNode, StrictMode, Suspense, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Uploader } from '../../../src/index.ts'
import { useInterrupted, useUpload, useUploader, useUploads } from '../../../src/react/index.ts'
import { until } from '../../until.ts'
import { fileOf, type Stand, stand } from '../stand.ts'
import { Careless } from './careless.tsx'

afterEach(cleanup)

function uploaderOf({ options }: Stand): () => Uploader {
  return function useOne() {
    return useUploader(options)
  }
}

describe('useUploader', () => {
  test('has one Uploader and one upload for one file under StrictMode, and the upload goes on', async () => {
    const on = stand()
    const seen = new Set<Uploader>()
    const { container } = render(<Careless useOne={uploaderOf(on)} seen={seen} />, {
      wrapper: StrictMode,
    })
    await until(() => expect(on.transport.open.size).toBe(2))
    expect([seen.size, on.backend.opened.length, container.textContent]).toEqual([1, 1, '1'])
    const [uploader] = seen
    const upload = uploader?.uploads[0]
    await on.transport.storeAll(Promise.resolve(upload))
    expect(on.backend.completed).toHaveLength(1)
  })

  test('keeps its Uploader however often the component renders, even if the options are new objects each time', () => {
    const on = stand()
    const { result, rerender } = renderHook(() => useUploader({ ...on.options }))
    const first = result.current
    rerender()
    expect(result.current).toBe(first)
  })

  test('stops the uploads when it unmounts, and the next one goes on with what is stored', async () => {
    const database = crypto.randomUUID()
    const on = stand(database)
    const seen = new Set<Uploader>()
    const { unmount } = render(<Careless useOne={uploaderOf(on)} seen={seen} />)
    ;(await on.transport.next()).store()
    const [uploader] = seen
    await until(() => expect(uploader?.progress.confirmed).toBe(4))
    unmount()
    await until(() => expect(uploader?.uploads).toEqual([]))
    expect(on.transport.open.size).toBe(0)
    // As after a hot reload that cannot keep the state: the same component with another Uploader.
    const { result } = renderHook(() => useInterrupted(useUploader(stand(database).options)))
    await until(() => expect(result.current.uploads).toMatchObject([{ confirmed: 4 }]))
  })

  test.each(['scope', 'deps'])(
    'creates another Uploader when its %s changes, and stops the old one',
    async (what) => {
      const on = stand()
      const { result, rerender } = renderHook(
        ({ user }) =>
          useUploader(
            what === 'scope' ? { ...on.options, scope: user } : on.options,
            what === 'scope' ? [] : [user],
          ),
        { initialProps: { user: 'ada' }, wrapper: StrictMode },
      )
      const first = result.current
      const upload = first.uploadFile(fileOf(8))
      await on.transport.next()
      rerender({ user: 'bob' })
      expect(result.current).not.toBe(first)
      const second = result.current
      await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
      rerender({ user: 'bob' })
      expect(result.current).toBe(second)
    },
  )

  test('starts nothing while its component is suspended, and has one Uploader when the component is ready', async () => {
    const on = stand()
    const seen = new Set<Uploader>()
    let go = (): void => {}
    let isReady = false
    const ready = new Promise<void>((resolve) => {
      go = () => {
        isReady = true
        resolve()
      }
    })
    const Waiting = (): ReactElement => {
      const uploader = useUploader(on.options)
      const { uploads } = useUploads(uploader)
      // In a form that React 18 and 19 both understand.
      if (!isReady) throw ready
      return (
        <>
          {uploads.length}
          <Careless useOne={uploaderOf(on)} seen={seen} />
        </>
      )
    }
    render(
      <Suspense fallback="wait">
        <Waiting />
      </Suspense>,
      { wrapper: StrictMode },
    )
    expect(on.backend.calls).toEqual([])
    await act(async () => go())
    await on.transport.next()
    expect([seen.size, on.backend.opened.length]).toEqual([1, 1])
  })

  test('keeps its Uploader while a fallback hides the component', async () => {
    const on = stand()
    const seen = new Set<Uploader>()
    let block = (_: Promise<void> | undefined): void => {}
    const Blocker = (): ReactNode => {
      const [blocked, setBlocked] = useState<Promise<void>>()
      block = setBlocked
      if (blocked !== undefined) throw blocked
      return null
    }
    render(
      <Suspense fallback="wait">
        <Careless useOne={uploaderOf(on)} seen={seen} />
        <Blocker />
      </Suspense>,
    )
    await on.transport.next()
    act(() => block(new Promise(() => {})))
    await act(async () => {})
    const [uploader] = seen
    expect(uploader?.uploads).toHaveLength(1)
    expect(on.transport.open.size).toBe(2)
  })

  test.skipIf(!('Activity' in React))(
    'stops in an Activity that is hidden, and can be used again when it is shown',
    async () => {
      const on = stand()
      const seen = new Set<Uploader>()
      const shown = (mode: 'visible' | 'hidden'): ReactElement => (
        <React.Activity mode={mode}>
          <Careless useOne={uploaderOf(on)} seen={seen} />
        </React.Activity>
      )
      const { rerender } = render(shown('visible'))
      await on.transport.next()
      const [uploader] = seen
      rerender(shown('hidden'))
      await until(() => expect(uploader?.uploads).toEqual([]))
      rerender(shown('visible'))
      await on.transport.next()
      expect([seen.size, on.backend.opened.length]).toEqual([1, 1])
    },
  )

  test('hydrates what a server rendered, without a mismatch', async () => {
    const on = stand()
    const upload = new Uploader(on.options).uploadFile(fileOf(4))
    upload.pause()
    const App = (): ReactElement => {
      const uploader = useUploader(on.options)
      const { uploads } = useUploads(uploader)
      const { isLoading } = useInterrupted(uploader)
      const { state } = useUpload(upload)
      return (
        <p>
          {uploads.length} {String(isLoading)} {state.status}
        </p>
      )
    }
    const problems = vi.spyOn(console, 'error').mockImplementation(() => {})
    const container = document.createElement('div')
    container.innerHTML = renderToString(<App />)
    expect(container.textContent).toBe('0 true paused')
    const onRecoverableError = vi.fn()
    const root = hydrateRoot(container, <App />, { onRecoverableError })
    await until(() => expect(container.textContent).toBe('0 false paused'))
    expect(onRecoverableError).not.toHaveBeenCalled()
    expect(problems).not.toHaveBeenCalled()
    root.unmount()
    problems.mockRestore()
  })
})
