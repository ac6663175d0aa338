/** What the page and the comparing worker say to each other: the page sends a Blob, and hears these. */
export type Sha256Reply =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly sha256: string }
  | { readonly type: 'failed'; readonly message: string }
