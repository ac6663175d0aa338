import { useSyncExternalStore } from 'react'

/** From here, for a bundle imports it anew for every file that does. */
export { type ChangeEvent, type DependencyList, type RefCallback, useEffect, useRef, useState } from 'react'
export { filesOf, takeDrops, Uploader } from '../index.ts'

/** What `useSyncExternalStore` reads: the snapshot is the same object while nothing has changed. */
export interface Store<Snapshot> {
  /** @returns The undo. */
  subscribe(listener: () => void): () => void
  get(): Snapshot
  /** What a server has shown, which a page takes over before it shows anything else. @default as `get` */
  first?(): Snapshot
}

/** @param notify There is another snapshot: tells everybody who looks, soon. */
type MakeSource<Key, Snapshot> = (key: Key, notify: () => void) => Source<Snapshot>

export type Source<Snapshot> = {
  /** Called when somebody begins to look. @returns The undo, called when nobody looks any more. */
  readonly subscribe: () => () => void
  /** @param isLive Whether somebody looks: if not, nothing was heard meanwhile. */
  readonly get: (isLive: boolean) => Snapshot
}

/** One store for each object, kept as long as the object is. */
export function storesOf<Key extends object, Snapshot>(
  make: MakeSource<Key, Snapshot>,
): (key: Key) => Store<Snapshot> {
  const stores = new WeakMap<Key, Store<Snapshot>>()
  return (key) => {
    if (!stores.has(key)) stores.set(key, storeOf(key, make))
    return stores.get(key) as Store<Snapshot>
  }
}

/**
 * Who has not heard yet that there is another snapshot. They hear of it together, once a frame: what React hears in one go
 * it renders in one go, and of a thousand uploads each tells something ten times a second.
 */
let stale = new Set<() => void>()

function tellAll(): void {
  const all = stale
  stale = new Set()
  for (const listener of all) listener()
}

function storeOf<Key, Snapshot>(key: Key, make: MakeSource<Key, Snapshot>): Store<Snapshot> {
  const listeners = new Set<() => void>()
  const { get, subscribe } = make(key, () => {
    // Milliseconds: a frame. In a page in the background the timer that waits may be a minute late, and this one less.
    if (!stale.size || document.hidden) setTimeout(tellAll, 16)
    for (const listener of listeners) stale.add(listener)
  })
  // As if it were known that nothing has happened.
  const first = get(true)
  let end: () => void
  return {
    first: () => first,
    get: () => get(listeners.size > 0),
    subscribe(listener) {
      if (!listeners.size) {
        get(false)
        end = subscribe()
      }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (!listeners.size) end()
      }
    },
  }
}

export function useStore<Snapshot>({ subscribe, get, first = get }: Store<Snapshot>): Snapshot {
  return useSyncExternalStore(subscribe, get, first)
}
