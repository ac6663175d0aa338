/** The limits of a network. What is left out has no limit. */
export type Shape = {
  /** Bits a second towards the servers, over all connections together. */
  readonly rate?: number
  /** Bits a second towards the servers, for each connection. */
  readonly connectionRate?: number
  /** Milliseconds there and back: for every answer, and once more for a new connection. */
  readonly latency?: number
}

/** The JSON requests of the relay's control port: a POST to `/open` and `/begin`, a GET of `/carried`. */
export type OpenRequest = {
  /** A server's address, such as http://127.0.0.1:9000 */
  readonly target: string
}

/** The address that leads to the server through the network. */
export type OpenAnswer = { readonly url: string }

export type BeginRequest = {
  /** After this many carried bytes, the connection that has carried the last of them stops for ever. */
  readonly stallAfter?: number
}

/** Bytes towards the servers since the last `begin`, on all connections, headers included. */
export type CarriedAnswer = { readonly bytes: number }
