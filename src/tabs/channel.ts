import type { TabNews } from '../ports.ts'

type Message = { readonly key: string; readonly news: TabNews }
type Listener = (news: TabNews) => void

/** News between tabs by a BroadcastChannel, which is open only while somebody listens; silent where there is none. */
export class NewsChannel {
  readonly #name: string
  readonly #listeners = new Map<string, Set<Listener>>()
  #channel: BroadcastChannel | undefined

  constructor(name: string) {
    this.#name = name
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
    if (this.#channel !== undefined || typeof BroadcastChannel === 'undefined') return
    this.#channel = new BroadcastChannel(this.#name)
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => {
      for (const listener of this.#listeners.get(data.key) ?? []) listener(data.news)
    }
  }

  #close(): void {
    this.#channel?.close()
    this.#channel = undefined
  }
}
