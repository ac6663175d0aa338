/** Code that accepts an Uploader of either kind and returns uploads of that kind. `npm run types` checks it. */
import { expect, expectTypeOf, test } from 'vitest'
import type { UploadElement } from '../../src/element/index.ts'
import type {
  DropZoneListener,
  InterruptedUpload,
  Upload,
  UploadBatch,
  Uploader,
  UploaderLike,
  UploadLike,
  UploadSummary,
} from '../../src/index.ts'
import type { Interrupted, Uploads } from '../../src/react/index.ts'
import {
  type useDropZone,
  useInterrupted,
  useUpload,
  useUploaderFrom,
  useUploads,
} from '../../src/react/index.ts'
import type { RemoteUpload, RemoteUploader } from '../../src/remote/index.ts'

declare const uploader: Uploader
declare const remote: RemoteUploader
declare const either: UploaderLike
declare const upload: Upload
declare const remoteUpload: RemoteUpload

declare const file: File

interface Place {
  readonly album: string
  readonly position: { readonly x: number }
}
declare const place: Place

/** Never called, only compiled. */
function useParams(): void {
  uploader.uploadFile(file, { params: { ...place } })
  remote.uploadFiles([file], { params: { ...place, album: '42' } })
  // @ts-expect-error of an interface, to which anybody may add what is no JSON
  uploader.uploadFile(file, { params: place })
  // @ts-expect-error no JSON
  uploader.uploadFile(file, { params: { at: new Date() } })
  // @ts-expect-error no JSON
  uploader.uploadFile(file, { params: { done: () => {} } })
}

/**
 * Rules that applications' linters check (unbound-method, no-misused-promises): functions that need no `this`, and
 * callbacks that may be async.
 */
function useAsDocumented(): void {
  expectTypeOf<ThisParameterType<Uploads['dismiss']>>().toEqualTypeOf<void>()
  expectTypeOf<ThisParameterType<Interrupted['refresh']>>().toEqualTypeOf<void>()
  expectTypeOf<ReturnType<DropZoneListener['onFiles']>>().toEqualTypeOf<unknown>()
  expectTypeOf<ReturnType<Parameters<typeof useDropZone>[0]>>().toEqualTypeOf<unknown>()
}

/** Never called, since its names have no values. */
function useAll(): void {
  expectTypeOf(uploader).toExtend<UploaderLike<Upload>>()
  expectTypeOf(remote).toExtend<UploaderLike<RemoteUpload>>()
  expectTypeOf(upload).toExtend<UploadLike>()
  expectTypeOf(remoteUpload).toExtend<UploadLike>()

  expectTypeOf(uploader.uploadFiles([])).toEqualTypeOf<UploadBatch>()
  expectTypeOf(remote.uploadFiles([])).toEqualTypeOf<UploadBatch<RemoteUpload>>()
  expectTypeOf(remote.uploadFiles([]).settled()).resolves.toEqualTypeOf<UploadSummary<RemoteUpload>>()
  expectTypeOf(remote.interrupted()).resolves.toEqualTypeOf<readonly InterruptedUpload<RemoteUpload>[]>()
  remote.on('upload', (one) => expectTypeOf(one).toEqualTypeOf<RemoteUpload>())

  expectTypeOf(useUploads(uploader)).toEqualTypeOf<Uploads>()
  expectTypeOf(useUploads(remote)).toEqualTypeOf<Uploads<RemoteUpload>>()
  expectTypeOf(useUploads(either)).toEqualTypeOf<Uploads<UploadLike>>()
  expectTypeOf(useInterrupted(uploader)).toEqualTypeOf<Interrupted>()
  expectTypeOf(useInterrupted(remote)).toEqualTypeOf<Interrupted<RemoteUpload>>()
  expectTypeOf(useUpload(remoteUpload, ({ state }) => state.status)).toEqualTypeOf<
    RemoteUpload['state']['status']
  >()
  expectTypeOf(useUploaderFrom(() => remote)).toEqualTypeOf<RemoteUploader>()

  const element = {} as UploadElement
  element.uploader = uploader
  element.uploader = remote
  element.uploader = undefined

  // @ts-expect-error one of another kind
  useUploads(uploader).dismiss(remoteUpload)
  // @ts-expect-error no Uploader
  useUploads({ uploads: [] })
  // @ts-expect-error nothing that could be stopped
  useUploaderFrom(() => ({}))
  // @ts-expect-error no upload
  useUpload(uploader)
  // @ts-expect-error no event of it
  remote.on('state', () => {})
}

test('params are JSON, by their type', () => expect(useParams).toBeTypeOf('function'))
test('either kind of Uploader is accepted', () => expect(useAll).toBeTypeOf('function'))
test('the code that the documents show passes linters', () => expect(useAsDocumented).toBeTypeOf('function'))
