import { act, cleanup, renderHook } from '@testing-library/react'
import type { ReactElement } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Uploader } from '../../../src/index.ts'
import { useInterrupted, useUploads } from '../../../src/react/index.ts'
import { until } from '../../until.ts'
import { fileOf, leave, stand } from '../stand.ts'

afterEach(cleanup)

describe('useUploads', () => {
  test('lists uploads begun before and after it mounted, in order, and keeps them after their end', async () => {
    const { options, transport } = stand()
    const uploader = new Uploader(options)
    const first = uploader.uploadFile(fileOf(4, 'a'))
    const { result } = renderHook(() => useUploads(uploader))
    expect(result.current.uploads).toEqual([first])
    const second = uploader.uploadFile(fileOf(4, 'b'))
    await until(() => expect(result.current.uploads).toEqual([first, second]))
    await transport.storeAll(Promise.all([first, second]))
    expect(result.current.uploads).toEqual([first, second])
  })

  test('lets finished uploads be dismissed, one or all, and keeps unfinished ones', async () => {
    const { options, transport } = stand()
    const uploader = new Uploader(options)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => uploader.uploadFile(fileOf(4, name)))
    c?.pause()
    const { result } = renderHook(() => useUploads(uploader))
    await transport.storeAll(Promise.all([a, b]))
    act(() => result.current.dismiss(c))
    act(() => result.current.dismiss(a))
    await until(() => expect(result.current.uploads).toEqual([b, c]))
    act(() => result.current.dismiss())
    await until(() => expect(result.current.uploads).toEqual([c]))
    await uploader.stop().then(() => c?.catch(() => {}))
  })

  test('renders once for many uploads begun at once', async () => {
    const { options } = stand()
    const uploader = new Uploader(options)
    let renders = 0
    const { result } = renderHook(() => {
      renders += 1
      return useUploads(uploader)
    })
    for (let index = 0; index < 500; index++) uploader.uploadFile(fileOf(4, `f${index}`)).catch(() => {})
    await until(() => expect(result.current.uploads).toHaveLength(500))
    expect(renders).toBe(2)
    await uploader.stop()
  })

  test('returns the same list while nothing changes, and leaves no listener after it unmounts', () => {
    const uploader = new Uploader(stand().options)
    const off = vi.fn()
    vi.spyOn(uploader, 'on').mockReturnValue(off)
    const { result, rerender, unmount } = renderHook(() => useUploads(uploader))
    const before = result.current
    rerender()
    expect(result.current).toBe(before)
    unmount()
    expect(off).toHaveBeenCalledTimes(1)
  })
})

describe('useInterrupted', () => {
  test('lists the uploads of an earlier visit, and drops one that is resumed', async () => {
    const database = crypto.randomUUID()
    await leave(database)
    const { options, transport } = stand(database)
    const uploader = new Uploader(options)
    const { result } = renderHook(() => useInterrupted(uploader))
    expect(result.current).toMatchObject({ uploads: [], isLoading: true })
    await until(() => expect(result.current.isLoading).toBe(false))
    const [left] = result.current.uploads
    expect(left).toMatchObject({ confirmed: 4, identity: { name: 'file.bin' } })
    const upload = left?.resume(fileOf(12))
    await until(() => expect(result.current.uploads).toEqual([]))
    await transport.storeAll(Promise.resolve(upload))
  })

  test.each(['forget', 'cancel'] as const)('drops an upload that is thrown away: %s', async (way) => {
    const database = crypto.randomUUID()
    await leave(database)
    const uploader = new Uploader(stand(database).options)
    const { result } = renderHook(() => useInterrupted(uploader))
    await until(() => expect(result.current.uploads).toHaveLength(1))
    await act(async () => result.current.uploads[0]?.[way]())
    await until(() => expect(result.current.uploads).toEqual([]))
  })

  test('never shows the uploads of a former Uploader', async () => {
    const database = crypto.randomUUID()
    await leave(database)
    const first = new Uploader(stand(database).options)
    const second = new Uploader(stand().options)
    const seen: number[] = []
    const { result, rerender } = renderHook(
      ({ uploader }) => {
        const interrupted = useInterrupted(uploader)
        if (uploader === second) seen.push(interrupted.uploads.length)
        return interrupted
      },
      { initialProps: { uploader: first } },
    )
    await until(() => expect(result.current.uploads).toHaveLength(1))
    rerender({ uploader: second })
    await until(() => expect(result.current.isLoading).toBe(false))
    expect(new Set(seen)).toEqual(new Set([0]))
  })

  test('reads the storage again when the page becomes visible, and says why it cannot be read', async () => {
    const database = crypto.randomUUID()
    const uploader = new Uploader(stand(database).options)
    const { result, unmount } = renderHook(() => useInterrupted(uploader))
    await until(() => expect(result.current.isLoading).toBe(false))
    await leave(database)
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    await until(() => expect(result.current.uploads).toHaveLength(1))
    const asked = vi.spyOn(uploader, 'interrupted').mockRejectedValue(new Error('no storage'))
    await act(async () => result.current.refresh())
    await until(() => expect(result.current).toMatchObject({ uploads: [], error: { message: 'no storage' } }))
    unmount()
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
    expect(asked).toHaveBeenCalledTimes(1)
  })

  test('does not read the storage again for many new files', async () => {
    const { options } = stand()
    const uploader = new Uploader(options)
    const asked = vi.spyOn(uploader, 'interrupted')
    const { result } = renderHook(() => useInterrupted(uploader))
    await until(() => expect(result.current.isLoading).toBe(false))
    await uploader.uploadFiles(Array.from({ length: 1_000 }, (_, index) => fileOf(1, `f${index}`)))
    expect(asked).toHaveBeenCalledTimes(1)
    await uploader.stop()
  })
})

test("hydration matches the server's output, even if uploads have begun and earlier ones are known by then", async () => {
  const database = crypto.randomUUID()
  await leave(database)
  const uploader = new Uploader(stand(database).options)
  const App = (): ReactElement => {
    const { uploads } = useUploads(uploader)
    const { uploads: left, isLoading } = useInterrupted(uploader)
    return <p>{[uploads.length, left.length, isLoading].join(' ')}</p>
  }
  const container = document.createElement('div')
  container.innerHTML = renderToString(<App />)
  uploader.uploadFile(fileOf(4, 'early')).pause()
  // Another part of the page, such as an island, shows them already.
  const { result } = renderHook(() => [useUploads(uploader), useInterrupted(uploader)] as const)
  await until(() => expect(result.current[1].uploads).toHaveLength(1))
  const onRecoverableError = vi.fn()
  const root = hydrateRoot(container, <App />, { onRecoverableError })
  await until(() => expect(container.textContent).toBe('1 1 false'))
  expect(onRecoverableError).not.toHaveBeenCalled()
  root.unmount()
  await uploader.stop()
})
