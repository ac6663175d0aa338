/** A browser as the suite drives it: the same few things in all of them. */
export interface Engine {
  readonly name: EngineName
  readonly version: string
  /** Tabs that share a storage with each other and with nobody else. */
  newProfile(): Promise<Profile>
  /** A browser of its own, whose storage stays in the folder when it is closed; where its driver can do that. */
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
   * Runs the function in the page and waits for what it promises. It takes nothing from around it but its arguments; they and its
   * result are JSON.
   */
  evaluate<Args extends readonly unknown[], Result>(
    run: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>>
  /** Picks files of the disk, as a user does, in place of those that were picked before. */
  pick(selector: string, paths: readonly string[]): Promise<void>
  close(): Promise<void>
}
