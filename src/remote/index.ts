/** Runs an Uploader in a worker of the application: the worker's side and the page's side. */

export type { RemoteTarget } from './link.ts'
export { RemoteUpload } from './remote-upload.ts'
export { RemoteUploader } from './remote-uploader.ts'
export { type MessageTarget, serveUploader } from './serve.ts'
