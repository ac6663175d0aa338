import { act, cleanup, render, renderHook } from '@testing-library/react'
import * as React from 'react'
import { type ReactElement, StrictMode } from 'react'
import { afterEach, describe, expect, test } from 'vitest'
import { Uploader } from '../../../src/index.ts'
import { useInterrupted, useUpload, useUploaderFrom, useUploads } from '../../../src/react/index.ts'
import { type RemoteUpload, RemoteUploader, serveUploader } from '../../../src/remote/index.ts'
import { fakeWorker } from '../../fakes/worker.ts'
import { until } from '../../until.ts'
import { fileOf, leave, type Stand, stand } from '../stand.ts'
import { Careless } from './careless.tsx'

afterEach(cleanup)

/** Creates workers that are not threads, all on one storage. */
function workersOn(on: Stand) {
  const made: ReturnType<typeof fakeWorker>['worker'][] = []
  const make = (): Worker => {
    const { worker, scope } = fakeWorker()
    serveUploader(new Uploader(on.options), scope)
    made.push(worker)
    return worker
  }
  return { make, made }
}

function Row({ upload }: { readonly upload: RemoteUpload }): ReactElement {
  const { state, progress, parts } = useUpload(upload)
  const stored = parts.filter(({ status }) => status === 'stored').length
  return (
    <li>
      {upload.id} {state.status} {progress.confirmed} {stored}/{parts.length}
    </li>
  )
}

describe('hooks with a RemoteUploader', () => {
  test('show an upload and its parts as it proceeds, and keep it in the list after its end', async () => {
    const on = stand()
    const uploader = new RemoteUploader(workersOn(on).make)
    const App = (): ReactElement => {
      const { uploads } = useUploads(uploader)
      return (
        <ul>
          {uploads.map((upload) => (
            <Row key={upload.id} upload={upload} />
          ))}
        </ul>
      )
    }
    const { container } = render(<App />, { wrapper: StrictMode })
    expect(container.textContent).toBe('')
    const upload = uploader.uploadFile(fileOf(12))
    await until(() => expect(container.textContent).toBe('1 uploading 0 0/3'))
    ;(await on.transport.next()).store()
    await until(() => expect(container.textContent).toBe('1 uploading 4 1/3'))
    await on.transport.storeAll(upload)
    await until(() => expect(container.textContent).toBe('1 done 12 3/3'))
    await uploader.close()
  })

  test('show many files in one list, and let finished ones be dismissed', async () => {
    const on = stand()
    const uploader = new RemoteUploader(workersOn(on).make)
    const { result } = renderHook(() => useUploads(uploader))
    const batch = uploader.uploadFiles([fileOf(4, 'a'), fileOf(4, 'b')])
    const uploads = await batch
    await until(() => expect(result.current.uploads).toEqual(uploads))
    await on.transport.storeAll(batch.settled())
    act(() => result.current.dismiss(uploads[0]))
    await until(() => expect(result.current.uploads).toEqual([uploads[1]]))
    await uploader.close()
  })

  test('list the uploads of an earlier visit, and remove one from that list when it is resumed', async () => {
    const database = await leave()
    const on = stand(database)
    const uploader = new RemoteUploader(workersOn(on).make)
    const { result } = renderHook(() => useInterrupted(uploader))
    expect(result.current).toMatchObject({ uploads: [], isLoading: true })
    await until(() => expect(result.current.uploads).toMatchObject([{ confirmed: 4 }]))
    const upload = result.current.uploads[0]?.resume(fileOf(12))
    await until(() => expect(result.current.uploads).toEqual([]))
    await on.transport.storeAll(Promise.resolve(upload))
    await uploader.close()
  })
})

describe('useUploaderFrom', () => {
  test('has one worker and one upload for one file under StrictMode, and ends the worker when it unmounts', async () => {
    const database = crypto.randomUUID()
    const on = stand(database)
    const { make, made } = workersOn(on)
    const seen = new Set<RemoteUploader>()
    const { container, unmount } = render(
      <Careless useOne={() => useUploaderFrom(() => new RemoteUploader(make))} seen={seen} />,
      { wrapper: StrictMode },
    )
    ;(await on.transport.next()).store()
    await until(() => expect(container.textContent).toBe('1'))
    const [upload] = [...seen][0]?.uploads ?? []
    await until(() => expect(upload?.progress.confirmed).toBe(4))
    expect([seen.size, made.length, on.backend.opened.length]).toEqual([1, 1, 1])
    unmount()
    await until(() => expect(made[0]?.isTerminated).toBe(true))
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    const left = await new Uploader(stand(database).options).interrupted()
    expect(left).toMatchObject([{ confirmed: 4 }])
  })

  test.skipIf(!('Activity' in React))(
    'ends its worker in an Activity that is hidden, and creates another when it is shown',
    async () => {
      const on = stand()
      const { make, made } = workersOn(on)
      const seen = new Set<RemoteUploader>()
      const shown = (mode: 'visible' | 'hidden'): ReactElement => (
        <React.Activity mode={mode}>
          <Careless useOne={() => useUploaderFrom(() => new RemoteUploader(make))} seen={seen} />
        </React.Activity>
      )
      const { rerender } = render(shown('visible'))
      await on.transport.next()
      rerender(shown('hidden'))
      await until(() => expect(made[0]?.isTerminated).toBe(true))
      expect(on.transport.open.size).toBe(0)
      rerender(shown('visible'))
      await on.transport.next()
      expect([seen.size, made.length, on.backend.opened.length]).toEqual([1, 2, 1])
    },
  )

  test('creates another Uploader when a dep changes, and stops the old one', async () => {
    const on = stand()
    const { make, made } = workersOn(on)
    const { result, rerender } = renderHook(
      ({ user }) => useUploaderFrom(() => new RemoteUploader(make), [user]),
      {
        initialProps: { user: 'ada' },
        wrapper: StrictMode,
      },
    )
    const first = result.current
    const upload = first.uploadFile(fileOf(8))
    await on.transport.next()
    rerender({ user: 'ada' })
    expect(result.current).toBe(first)
    rerender({ user: 'bob' })
    expect(result.current).not.toBe(first)
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    await until(() => expect(made.map(({ isTerminated }) => isTerminated)).toEqual([true]))
  })
})
