import mitt, { type Emitter, type Handler } from 'mitt'

/** Events whose listeners cannot disturb one another, nor the emitter. */
export class Events<Map extends Record<string, unknown>> {
  /** Made for the first listener, since most uploads of a long list have none. */
  #made: Emitter<Map> | undefined
  /** The events that `emitInTurn` has still to tell, beginning with the one being told. */
  readonly #untold: unknown[] = []

  /** @returns The undo. After it, the listener is not called any more. */
  on<Type extends keyof Map & string>(type: Type, listener: Handler<Map[Type]>): () => void {
    let isOn = true
    const isolated: Handler<Map[Type]> = (event) => {
      try {
        // mitt goes through a copy of its list, and another listener of the same event may have undone this one.
        if (isOn) listener(event)
      } catch (error) {
        // mitt would skip the listeners after this one, and the error would end the upload (tus-js-client#696).
        report(error)
      }
    }
    this.#made ??= mitt<Map>()
    this.#made.on(type, isolated)
    return () => {
      isOn = false
      this.#made?.off(type, isolated)
    }
  }

  /**
   * For states that a listener may change while others still hear of the last change: all hear of one event before any
   * hears of the next. Of one type only.
   */
  emitInTurn<Type extends keyof Map & string>(type: Type, event: Map[Type]): void {
    if (this.#untold.push(event) > 1) return
    for (; this.#untold.length > 0; this.#untold.shift()) this.emit(type, this.#untold[0] as Map[Type])
  }

  emit<Type extends keyof Map & string>(type: Type, event: Map[Type]): void {
    this.#made?.emit(type, event)
  }
}

/** Like an uncaught error: in the console and in the page's error monitoring. */
function report(error: unknown): void {
  if (typeof reportError === 'function') reportError(error)
  else
    queueMicrotask(() => {
      throw error
    })
}
