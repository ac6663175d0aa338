/** What a network is like. What is left out has no limit. */
export type Shape = {
  /** Bits a second towards the servers, of all connections together. */
  readonly rate?: number
  /** Bits a second towards the servers, of each connection. */
  readonly connectionRate?: number
  /** Milliseconds there and back: of every answer, and once more where a connection is new. */
  readonly latency?: number
}

/** What can be asked of the relay's control port, as JSON: a POST to `/open` and `/begin`, a GET of `/carried`. */
export type OpenRequest = {
  /** A server's address, as in http://127.0.0.1:9000 */
  readonly target: string
}

/** The address that leads to the server through the network. */
export type OpenAnswer = { readonly url: string }

export type BeginRequest = {
  /** When so many bytes have been carried, the connection that has carried the last of them stops for ever. */
  readonly stallAfter?: number
}

/** Bytes towards the servers since the last `begin`, on all connections, headers included. */
export type CarriedAnswer = { readonly bytes: number }
