/** The type of `upload`, which every file in `contenders/` exports. */
export type Contender = (files: readonly File[], settings: Settings) => Promise<Uploaded>

export type Settings = {
  /** The presigned backend's endpoints. Below `peers` are those that other clients need. */
  readonly api: string
  /** Parts on their way at once, or files if there are many; `undefined` for the contender's default. */
  readonly width?: number
  /** Bytes. */
  readonly partSize: number
  /** Whether URLs expire too soon to be fetched for all parts at once. */
  readonly urlsExpire: boolean
  /** The storage, for contenders that speak to it themselves. */
  readonly store: StoreSettings
  /** The contender's own server, if it has one. */
  readonly server: string
  /**
   * Whether faults are to be expected. Then a contender without parts sends chunks, so that it is hit as often as the
   * others.
   */
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
  /** The objects' keys, one for each file. */
  readonly keys: readonly string[]
  /** Milliseconds until the first request, which the file's digest has cost. */
  readonly hashMs?: number
}
