'use client'

/** longhaul for React 18 and 19: hooks without any styles. */
export type { UploadSnapshot } from './upload-store.ts'
export { type DropZone, type DropZoneOptions, useDropZone } from './use-drop-zone.ts'
export { type Interrupted, useInterrupted } from './use-interrupted.ts'
export { useUpload } from './use-upload.ts'
export { useUploader, useUploaderFrom } from './use-uploader.ts'
export { type Uploads, useUploads } from './use-uploads.ts'
