/** An Uploader in a worker of the application's, and the page's side of it. */

export type { RemoteTarget } from './link.ts'
export { RemoteUpload } from './remote-upload.ts'
export { RemoteUploader } from './remote-uploader.ts'
export { type MessageTarget, serveUploader } from './serve.ts'
