import { act, cleanup, render, renderHook } from '@testing-library/react'
import { memo, type ReactElement, StrictMode } from 'react'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Upload, Uploader } from '../../../src/index.ts'
import { useUpload } from '../../../src/react/index.ts'
import { until } from '../../until.ts'
import { fileOf, type Stand, stand } from '../stand.ts'

afterEach(cleanup)

type Begun = Stand & { readonly upload: Upload }

function begin(size = 12, name?: string, on: Stand = stand()): Begun {
  const upload = new Uploader(on.options).uploadFile(fileOf(size, name))
  upload.catch(() => {})
  return { ...on, upload }
}

/** The number of listeners that an upload has at the moment. */
function listenersOf(upload: Upload): () => number {
  let count = 0
  const on = upload.on.bind(upload)
  vi.spyOn(upload, 'on').mockImplementation((type, listener) => {
    count += 1
    const off = on(type, listener)
    return () => {
      count -= 1
      off()
    }
  })
  return () => count
}

describe('useUpload', () => {
  test('shows the upload as it proceeds', async () => {
    const { upload, transport } = begin()
    const { result } = renderHook(() => useUpload(upload))
    expect(result.current.state).toEqual({ status: 'waiting' })
    await transport.next()
    await until(() => expect(result.current.state.status).toBe('uploading'))
    expect(result.current.parts.map(({ number }) => number)).toEqual([1, 2, 3])
    ;(await transport.next()).store()
    await until(() => expect(result.current.progress.confirmed).toBe(4))
    expect(result.current.parts[0]?.status).toBe('stored')
    await transport.storeAll(upload)
    await until(() =>
      expect(result.current).toMatchObject({ state: { status: 'done' }, progress: { confirmed: 12 } }),
    )
  })

  test('shows the end of an upload in a background page, even if its timer is a minute late', async () => {
    const { upload, transport } = begin(4)
    const { result } = renderHook(() => useUpload(upload))
    const request = await transport.next()
    await until(() => expect(result.current.state.status).toBe('uploading'))
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
    const { setTimeout } = globalThis
    let held = 0
    const timers = vi.spyOn(globalThis, 'setTimeout')
    timers.mockImplementation(((work: () => void, after?: number) => {
      if (after !== 16 || held > 0) return setTimeout(work, after)
      held += 1
      return 0
    }) as unknown as typeof globalThis.setTimeout)
    request.store()
    await until(() => expect(result.current.state.status).toBe('done'))
    expect(held).toBe(1)
    timers.mockRestore()
    hidden.mockRestore()
  })

  test('returns the same object while nothing changes, and never modifies it', async () => {
    const { upload, transport } = begin()
    const { result, rerender } = renderHook(() => useUpload(upload))
    await transport.next()
    await until(() => expect(result.current.state.status).toBe('uploading'))
    upload.pause()
    await until(() => expect(result.current.state.status).toBe('paused'))
    const before = result.current
    const copy = structuredClone({ ...before })
    rerender()
    expect(result.current).toBe(before)
    upload.resume()
    await until(() => expect(result.current).not.toBe(before))
    expect({ ...before }).toEqual(copy)
  })

  test('renders only when the selected value changes', async () => {
    const { upload, transport } = begin()
    const seen: string[] = []
    renderHook(() => seen.push(useUpload(upload, ({ state }) => state.status)))
    await transport.storeAll(upload)
    await until(() => expect(seen.at(-1)).toBe('done'))
    expect(seen.length).toBe(new Set(seen).size)
  })

  test('keeps a selected object as long as isEqual says that it is equal', async () => {
    const { upload, transport } = begin()
    const isEqual = (a: { status: string }, b: { status: string }): boolean => a.status === b.status
    const { result, rerender } = renderHook(() =>
      useUpload(upload, ({ state }) => ({ status: state.status }), isEqual),
    )
    await transport.next()
    await until(() => expect(result.current.status).toBe('uploading'))
    const before = result.current
    rerender()
    expect(result.current).toBe(before)
    for (const request of transport.open) request.progress(2)
    await until(() => expect(upload.progress.inFlight).toBeGreaterThan(0))
    rerender()
    expect(result.current).toBe(before)
    upload.pause()
    await until(() => expect(result.current).toEqual({ status: 'paused' }))
  })

  test('shows nothing without an upload, and shows one that is passed later', async () => {
    const { upload } = begin()
    const { result, rerender } = renderHook(({ one }: { one: Upload | undefined }) => useUpload(one), {
      initialProps: { one: undefined as Upload | undefined },
    })
    expect(result.current).toBeUndefined()
    rerender({ one: upload })
    expect(result.current?.state).toBe(upload.state)
    rerender({ one: undefined })
    expect(result.current).toBeUndefined()
  })

  test('shows events that happened while it was not mounted', async () => {
    const { upload, transport } = begin()
    const first = renderHook(() => useUpload(upload))
    first.unmount()
    await transport.storeAll(upload)
    const { result } = renderHook(() => useUpload(upload))
    expect(result.current).toMatchObject({ state: { status: 'done' }, progress: { confirmed: 12 } })
  })

  test('lowers the rate while no event of an upload arrives', async () => {
    const { upload, transport } = begin()
    ;(await transport.next()).progress(4)
    await until(() => expect(upload.progress.inFlight).toBe(4))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { result, unmount } = renderHook(() => useUpload(upload, ({ progress }) => progress))
      const before = result.current
      act(() => vi.advanceTimersByTime(1_016))
      expect(result.current).not.toBe(before)
      unmount()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([true, false])('leaves no listener after it unmounts (StrictMode: %s)', async (strict) => {
    const { upload, transport } = begin()
    const listeners = listenersOf(upload)
    const Row = (): ReactElement => <p>{useUpload(upload, ({ state }) => state.status)}</p>
    const Rows = (): ReactElement => (
      <>
        <Row />
        <Row />
      </>
    )
    const { unmount } = render(<Rows />, strict ? { wrapper: StrictMode } : {})
    await transport.next()
    expect(listeners()).toBe(4)
    unmount()
    expect(listeners()).toBe(0)
  })

  test('renders one of a thousand rows when its own upload changes, and no others', async () => {
    const on = stand()
    const uploader = new Uploader(on.options)
    const uploads = Array.from({ length: 1_000 }, (_, index) => uploader.uploadFile(fileOf(4, `f${index}`)))
    for (const upload of uploads) upload.catch(() => {})
    const renders = new Map<string, number>()
    const Row = memo(({ upload }: { readonly upload: Upload }) => {
      const status = useUpload(upload, ({ state }) => state.status)
      renders.set(upload.id, (renders.get(upload.id) ?? 0) + 1)
      return <li>{status}</li>
    })
    const { getAllByText } = render(
      <ul>
        {uploads.map((upload) => (
          <Row key={upload.id} upload={upload} />
        ))}
      </ul>,
    )
    await until(() => expect(getAllByText('uploading')).toHaveLength(8))
    renders.clear()
    uploads[900]?.pause()
    await until(() => expect(getAllByText('paused')).toHaveLength(1))
    expect([...renders]).toEqual([[uploads[900]?.id, 1]])
    await uploader.stop()
  })
})
