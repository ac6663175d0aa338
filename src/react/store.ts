import { useSyncExternalStore } from 'react'

/** What `useSyncExternalStore` reads: the snapshot is the same object while nothing has changed. */
export interface Store<Snapshot> {
  /** @returns The undo. */
  subscribe(listener: () => void): () => void
  get(): Snapshot
}

/** @param notify Tells everybody who looks that there is another snapshot. */
export type MakeSource<Key, Snapshot> = (key: Key, notify: () => void) => Source<Snapshot>

export type Source<Snapshot> = {
  /** Called when somebody begins to look. @returns The undo, called when nobody looks any more. */
  readonly listen: () => () => void
  /** @param isLive Whether somebody looks: if not, nothing was heard meanwhile. */
  readonly read: (isLive: boolean) => Snapshot
}

/** One store for each object, kept as long as the object is. */
export function storesOf<Key extends object, Snapshot>(
  make: MakeSource<Key, Snapshot>,
): (key: Key) => Store<Snapshot> {
  const stores = new WeakMap<Key, Store<Snapshot>>()
  return (key) => {
    const store = stores.get(key) ?? storeOf(key, make)
    stores.set(key, store)
    return store
  }
}

function storeOf<Key, Snapshot>(key: Key, make: MakeSource<Key, Snapshot>): Store<Snapshot> {
  const listeners = new Set<() => void>()
  const { read, listen } = make(key, () => {
    for (const listener of listeners) listener()
  })
  let end: () => void
  return {
    get: () => read(listeners.size > 0),
    subscribe(listener) {
      if (listeners.size === 0) end = listen()
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) end()
      }
    },
  }
}

/** The same on a server, which has nothing else to show. */
export function useStore<Value>(subscribe: Store<unknown>['subscribe'], get: () => Value): Value {
  return useSyncExternalStore(subscribe, get, get)
}
