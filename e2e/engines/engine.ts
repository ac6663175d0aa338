/** A browser as the suite drives it, with the same few methods for all browsers. */
export interface Engine {
  readonly name: EngineName
  readonly version: string
  /** A profile, whose tabs share a storage with each other and with no others. */
  newProfile(): Promise<Profile>
  /** Starts another browser, whose storage stays in the folder when it is closed. Left out if the driver cannot do that. */
  readonly newBrowser?: (folder: string) => Promise<Profile>
  close(): Promise<void>
}

export type EngineName = 'Chromium' | 'Firefox' | 'WebKitGTK'

export interface Profile {
  newTab(): Promise<Tab>
  close(): Promise<void>
}

export interface Tab {
  open(url: string): Promise<void>
  reload(): Promise<void>
  /**
   * Runs the function in the page and waits for its result. The function can use only its arguments and the page's globals.
   * Arguments and result are JSON.
   */
  evaluate<Args extends readonly unknown[], Result>(
    run: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>>
  /** Picks files from the disk as a user would, in place of those picked before. */
  pick(selector: string, paths: readonly string[]): Promise<void>
  close(): Promise<void>
}
