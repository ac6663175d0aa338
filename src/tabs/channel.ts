import type { TabNews } from '../ports.ts'

type Message = { readonly key: string; readonly news: TabNews }
type Listener = (news: TabNews) => void

/**
 * Exchanges news between tabs over a BroadcastChannel, which is open only while somebody listens. Silent if there is
 * none.
 */
export class NewsChannel {
  readonly #name: string
  readonly #listeners = new Map<string, Set<Listener>>()
  #channel: BroadcastChannel | undefined
  #hasHeard = false

  constructor(name: string) {
    this.#name = name
  }

  /**
   * Whether another page may be there. A page that waits for an upload has said so to the one that has it, which
   * listens as long as it has it.
   */
  get mayHaveCompany(): boolean {
    return this.#hasHeard || this.#channel === undefined
  }

  tell(key: string, news: TabNews): void {
    this.#channel?.postMessage({ key, news } satisfies Message)
  }

  hear(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set()
    listeners.add(listener)
    this.#listeners.set(key, listeners)
    this.#open()
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) this.#listeners.delete(key)
      if (this.#listeners.size === 0) this.#close()
    }
  }

  #open(): void {
    if (this.#channel !== undefined) return
    try {
      this.#channel = new BroadcastChannel(this.#name)
    } catch {
      // There is none, or Firefox refuses it because cookies are blocked.
      return
    }
    this.#channel.onmessage = ({ data }: MessageEvent<Message | undefined>) => {
      this.#hasHeard = true
      // Any page of the origin may say anything here, such as hello, and another tab may have another version of
      // longhaul.
      if (!data?.news) return
      for (const listener of this.#listeners.get(data.key) ?? []) listener(data.news)
    }
    this.#channel.postMessage('hello')
  }

  #close(): void {
    this.#channel?.close()
    this.#channel = undefined
  }
}
