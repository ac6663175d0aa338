/**
 * What a contract has, written by hand from its documents: data only, so that it can be printed, and so that a test can
 * tell what of it no test has met.
 */

/** Where a fact is from: the document itself, a source beside it, or nowhere, and then it is what we took. */
export type Origin = 'documented' | 'found' | 'assumed'

export type ContractEndpoint = {
  /** As in `POST /uploads/:uploadId/parts`. */
  readonly route: string
  readonly does: string
  readonly origin: Origin
}

export type ContractError = {
  readonly code: string
  readonly status: number
  readonly when: string
  /** Of the code; the statuses are mostly found. */
  readonly origin: Origin
  /** It has a cause that no request is: the reference server answers it on order only. */
  readonly onOrder?: true
}

export type ContractList = {
  readonly name: string
  /** Below the demo's address. */
  readonly mount: string
  readonly endpoints: readonly ContractEndpoint[]
  readonly errors: readonly ContractError[]
}
