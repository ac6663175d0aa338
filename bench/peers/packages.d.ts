/**
 * The parts of the other contenders' packages that are used here. The packages are installed only when they take part,
 * and the types have to be right without them.
 */

declare module '@uppy/core' {
  export type UppyFile = {
    readonly name: string
    readonly response?: { readonly body?: { readonly key?: string } }
    readonly error?: string | null
  }

  export type UppyResult = {
    readonly successful?: readonly UppyFile[]
    readonly failed?: readonly UppyFile[]
  }

  export class Uppy {
    constructor(options?: { readonly autoProceed?: boolean; readonly id?: string })
    use(plugin: unknown, options: unknown): this
    addFiles(files: readonly { readonly name: string; readonly type: string; readonly data: Blob }[]): void
    upload(): Promise<UppyResult | undefined>
  }
}

declare module '@uppy/aws-s3' {
  const plugin: unknown
  // biome-ignore lint/style/noDefaultExport: it is Uppy's
  export default plugin
}

declare module 'tus-js-client' {
  export type PreviousUpload = { readonly uploadUrl: string | null }

  export type UploadOptions = {
    readonly endpoint: string
    readonly chunkSize?: number
    readonly metadata?: Readonly<Record<string, string>>
    readonly onSuccess?: () => void
    readonly onError?: (error: Error) => void
  }

  export class Upload {
    readonly url: string | null
    constructor(file: File, options: UploadOptions)
    findPreviousUploads(): Promise<readonly PreviousUpload[]>
    resumeFromPreviousUpload(previous: PreviousUpload): void
    start(): void
  }
}

declare module '@tus/server' {
  import type { IncomingMessage, ServerResponse } from 'node:http'

  export class Server {
    constructor(options: { readonly path: string; readonly datastore: unknown })
    handle(message: IncomingMessage, response: ServerResponse): Promise<void>
  }
}

declare module '@tus/file-store' {
  export class FileStore {
    constructor(options: { readonly directory: string })
    remove(id: string): Promise<void>
  }
}

declare module 'evaporate' {
  export type EvaporateConfig = Readonly<Record<string, unknown>>

  // biome-ignore lint/style/noDefaultExport: it is Evaporate's
  export default class Evaporate {
    static create(config: EvaporateConfig): Promise<Evaporate>
    add(file: { readonly name: string; readonly file: File }): Promise<string>
  }
}

declare module '@aws-sdk/lib-storage' {
  import type { S3Client } from '@aws-sdk/client-s3'

  export class Upload {
    constructor(options: {
      readonly client: S3Client
      readonly params: { readonly Bucket: string; readonly Key: string; readonly Body: Blob }
      readonly queueSize?: number
      readonly partSize?: number
    })
    done(): Promise<unknown>
  }
}

declare module '@mux/upchunk' {
  export class UpChunk {
    on(name: 'success', listener: () => void): void
    on(name: 'error', listener: (event: CustomEvent<{ readonly message: string }>) => void): void
  }

  export function createUpload(options: {
    readonly endpoint: string
    readonly file: File
    /** KiB, in multiples of 256. */
    readonly chunkSize?: number
  }): UpChunk
}
