/** What a file in `contenders/` exports as `upload`. */
export type Contender = (files: readonly File[], settings: Settings) => Promise<Uploaded>

export type Settings = {
  /** Where the presigned backend's endpoints are, and under `peers` those that other clients need. */
  readonly api: string
  /** Parts on their way at once, of many files: files; `undefined`: whatever the contender has by default. */
  readonly width?: number
  /** Bytes. */
  readonly partSize: number
  /** Whether URLs do not live long enough to be had for all parts at once. */
  readonly urlsExpire: boolean
  /** The storage, for those who speak to it themselves. */
  readonly store: StoreSettings
  /** Where the server of its own is, for those who have one. */
  readonly server: string
  /** Whether faults are to be expected as often by bytes as with parts. */
  readonly faulty: boolean
}

export type StoreSettings = {
  readonly endpoint: string
  readonly bucket: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export type Uploaded = {
  /** Of the objects, one for each file. */
  readonly keys: readonly string[]
  /** Milliseconds until the first request: what the file's digest has cost. */
  readonly hashMs?: number
}
