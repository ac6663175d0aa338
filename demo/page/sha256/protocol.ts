/** The messages of the comparing worker, to which the page sends a Blob. */
export type Sha256Reply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly sha256: string }
  | { readonly type: 'failed'; readonly message: string }
