/**
 * The uploads of this page's other tabs, live. Each tab holds a lock of its own while it lives, which the browser frees
 * however it dies.
 */
import { Listeners } from '../listeners.ts'
import { uploadList } from '../upload-list.ts'
import { type FarUpload, newsOf, type TabNews } from './tab-news.ts'

/** Milliseconds between two reports to the other tabs. */
const tick = 250

const prefix = 'longhaul-demo-tab-'

class OtherTabs {
  readonly changes = new Listeners()
  /** A tab is gone, and has left its uploads behind. */
  readonly departures = new Listeners()
  readonly #tab = `${Date.now()}-${Math.random()}`
  readonly #tabs = new Map<string, readonly FarUpload[]>()
  #channel: BroadcastChannel | undefined
  #uploads: readonly FarUpload[] = []
  #isTelling = false

  /**
   * Without locks and channels, as on another machine's http:// page, nothing is told and a visitor has to look at each
   * tab.
   */
  constructor() {
    if (navigator.locks === undefined || typeof BroadcastChannel === 'undefined') return
    // The lock comes before the news: whoever hears of this tab waits for its lock to learn when it is gone.
    hold(prefix + this.#tab, () => {
      this.#open()
      return new Promise(() => {})
    })
  }

  readonly view = (): readonly FarUpload[] => this.#uploads

  #open(): void {
    this.#channel = new BroadcastChannel('longhaul-demo-tabs')
    this.#channel.onmessage = ({ data }: MessageEvent<TabNews>) => this.#hear(data)
    this.#say({ type: 'hello' })
    this.#tell()
    uploadList.activity.subscribe(() => this.#soon())
  }

  #hear(news: TabNews): void {
    if (news.type === 'hello') return this.#tell()
    if (!this.#tabs.has(news.tab)) this.#watch(news.tab)
    this.#tabs.set(news.tab, news.uploads)
    this.#changed()
  }

  #watch(tab: string): void {
    hold(prefix + tab, () => {
      this.#tabs.delete(tab)
      this.#changed()
      this.departures.notify()
    })
  }

  #soon(): void {
    if (this.#isTelling) return
    this.#isTelling = true
    setTimeout(() => {
      this.#isTelling = false
      this.#tell()
    }, tick)
  }

  #tell(): void {
    this.#say({ type: 'uploads', tab: this.#tab, uploads: newsOf(uploadList.entries()) })
  }

  #say(news: TabNews): void {
    this.#channel?.postMessage(news)
  }

  #changed(): void {
    this.#uploads = [...this.#tabs].flatMap(([tab, uploads]) =>
      uploads.map((upload) => ({ ...upload, id: `${tab}/${upload.backend}/${upload.id}` })),
    )
    this.changes.notify()
  }
}

/** A page that is going away gets no lock, and needs none. */
function hold(name: string, work: () => unknown): void {
  navigator.locks.request(name, work).catch(() => {})
}

export const otherTabs = new OtherTabs()
