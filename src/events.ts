type Listener<Event> = (event: Event) => void

/** Events whose listeners cannot disturb one another, nor the one who emits. */
export class Events<All extends Record<string, unknown>> {
  /** A list for each type that anybody listens to: most uploads of a long list have none. */
  readonly #listeners: { [Type in keyof All]?: Set<Listener<All[Type]>> } = {}
  /** What is told in turn, from the one that is being told on. */
  readonly #untold: unknown[] = []

  /** @returns The undo: after it, the listener is not called any more. */
  on<Type extends keyof All & string>(type: Type, listener: Listener<All[Type]>): () => void {
    // Of its own: the same listener may be there twice.
    const own: Listener<All[Type]> = (event) => listener(event)
    const all: Set<Listener<All[Type]>> = this.#listeners[type] ?? new Set()
    this.#listeners[type] = all.add(own)
    return () => void all.delete(own)
  }

  /**
   * For what listeners may change while others still hear of what it was: all of them hear of one event before any hears of the
   * next. Of one type only.
   */
  emitInTurn<Type extends keyof All & string>(type: Type, event: All[Type]): void {
    if (this.#untold.push(event) > 1) return
    for (; this.#untold.length > 0; this.#untold.shift()) this.emit(type, this.#untold[0] as All[Type])
  }

  emit<Type extends keyof All & string>(type: Type, event: All[Type]): void {
    const all = this.#listeners[type]
    // A copy: who begins to listen meanwhile hears of the next event.
    for (const listener of [...(all ?? [])]) {
      try {
        // One may have been undone by another of the same event.
        if (all?.has(listener)) listener(event)
      } catch (error) {
        // Else the listeners after this one would not hear of it, and the error would end the upload (tus-js-client#696).
        report(error)
      }
    }
  }
}

/** As an uncaught error: in the console and in the page's error monitoring. */
function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else
    queueMicrotask(() => {
      throw error
    })
}
