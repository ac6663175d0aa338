/** Pure: counts the carried bytes, and says when a connection has to stop for ever. */
export class CarriedBytes {
  #bytes = 0
  #stallAfter = Number.POSITIVE_INFINITY

  get bytes(): number {
    return this.#bytes
  }

  begin(stallAfter = Number.POSITIVE_INFINITY): void {
    this.#bytes = 0
    this.#stallAfter = stallAfter
  }

  /** @returns Whether the connection that carried them stops here. This happens once. */
  add(bytes: number): boolean {
    this.#bytes += bytes
    if (this.#bytes < this.#stallAfter) return false
    this.#stallAfter = Number.POSITIVE_INFINITY
    return true
  }
}
