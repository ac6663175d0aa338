import { useSyncExternalStore } from 'react'

/** Re-exported here, because a bundle repeats the import for every file that has it. */
export { type ChangeEvent, type DependencyList, type RefCallback, useEffect, useRef, useState } from 'react'
export { filesOf, takeDrops, Uploader } from '../index.ts'

/** The store that `useSyncExternalStore` reads. The snapshot is the same object while nothing has changed. */
export interface Store<Snapshot> {
  /** @returns A function that removes the listener. */
  subscribe(listener: () => void): () => void
  get(): Snapshot
  /** The snapshot that a server rendered, with which hydration begins. @default as `get` */
  first?(): Snapshot
}

/** @param notify Says that there is a new snapshot. Tells every listener soon. */
type MakeSource<Key, Snapshot> = (key: Key, notify: () => void) => Source<Snapshot>

export type Source<Snapshot> = {
  /** Called when the first listener comes. @returns A function that is called when the last one has gone. */
  readonly subscribe: () => () => void
  /** @param isLive Whether there is a listener. If not, the source has heard no events. */
  readonly get: (isLive: boolean) => Snapshot
}

/** Makes one store per object, which lives as long as the object. */
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
 * The listeners that have not heard of a new snapshot yet. They are told together, once a frame, so that React renders
 * once: each of a thousand uploads has news ten times a second.
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
    // A frame, in milliseconds. In a background page the first timer may be a minute late, so each call sets another.
    if (!stale.size || document.hidden) setTimeout(tellAll, 16)
    for (const listener of listeners) stale.add(listener)
  })
  // As if there were a listener and no news: the snapshot as it was made.
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
