/** What a file in `contenders/` exports as `upload`. */
export type Contender = (file: File, settings: Settings) => Promise<Uploaded>

export type Settings = {
  /** Where the presigned backend's endpoints are. */
  readonly api: string
  /** Parts on their way at once. */
  readonly width: number
}

export type Uploaded = {
  /** The object's key. */
  readonly key: string
  /** Milliseconds until the first request: what the file's digest has cost. */
  readonly hashMs: number
}
