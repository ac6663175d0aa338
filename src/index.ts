/**
 * longhaul: resumable multipart uploads from the browser to object storage.
 *
 * The engine's own parts (state, layout, sender, targets, journal) are not exported, so that they can change.
 */

export {
  type ActiveStorageBlob,
  type ActiveStorageOptions,
  activeStorage,
  activeStorageBlob,
} from './backends/active-storage.ts'
export type { Answer } from './backends/answer.ts'
export {
  type BkendBucket,
  type BkendCategory,
  type BkendChoice,
  type BkendEndpoints,
  type BkendOptions,
  bkend,
} from './backends/bkend.ts'
export {
  type BkendAccessOptions,
  type BkendTokens,
  bkendAccess,
} from './backends/bkend-access.ts'
export type { BkendFile, BkendMetadata, BkendPage, BkendVisibility } from './backends/bkend-file.ts'
export { type BackendDefinition, defineBackend, type ServerCalls } from './backends/define-backend.ts'
export type { Endpoint, JsonFields, Method, PathValues } from './backends/endpoint.ts'
export { fragno } from './backends/fragno.ts'
export {
  type FragnoChecksum,
  type FragnoFile,
  type FragnoVisibility,
  fragnoFile,
} from './backends/fragno-file.ts'
export type { FragnoEndpoints, FragnoOptions, OfFile } from './backends/fragno-options.ts'
export type { FragnoSession } from './backends/fragno-session.ts'
export {
  type NewtonEndpoints,
  type NewtonFile,
  type NewtonOptions,
  newton,
} from './backends/newton.ts'
export {
  type PresignedEndpoints,
  type PresignedOptions,
  presigned,
} from './backends/presigned.ts'
export { presignedTarget } from './backends/presigned-target.ts'
export type { OnUnauthorized } from './backends/refresh.ts'
export type { Ask, HeadersOption, Reply, ServerOptions } from './backends/server.ts'
export type {
  AnyFile,
  FileOutcome,
  RefusedFile,
  UploadBatch,
  UploadFilesOptions,
  UploadSummary,
} from './batch.ts'
export { indexedDbCheckpoints } from './checkpoints/indexed-db.ts'
export { memoryCheckpoints } from './checkpoints/memory.ts'
export { browserConnectivity } from './connectivity.ts'
export type { Diagnosis, Finding } from './diagnose.ts'
export { type DropZoneListener, takeDrops } from './drop-zone.ts'
export {
  type AnyUploadError,
  BackendError,
  type BackendErrorDetails,
  CancelledError,
  CorruptedError,
  CorsError,
  EtagHiddenError,
  FileChangedError,
  FileUnreadableError,
  HttpError,
  type HttpErrorDetails,
  NetworkError,
  SessionLostError,
  StalledError,
  TooLargeError,
  UnsureError,
  UploadError,
  type UploadErrorCode,
  UrlExpiredError,
} from './errors.ts'
export {
  type BkendChange,
  type BkendDownload,
  type BkendFiles,
  type BkendFilesEndpoints,
  type BkendFilesOptions,
  type BkendQuery,
  bkendFiles,
} from './files/bkend-files.ts'
export type { FileCallsOptions } from './files/file-calls.ts'
export {
  type FragnoDownload,
  type FragnoFileChanges,
  type FragnoFileEndpoints,
  type FragnoFileName,
  type FragnoFilePage,
  type FragnoFileQuery,
  type FragnoFiles,
  type FragnoFilesOptions,
  fragnoFiles,
} from './files/fragno-files.ts'
export { type WorkerFactory, type WorkerKind, workerHasher } from './hashing/worker-hasher.ts'
export type { Limits } from './limits.ts'
export type {
  AbortingCheckpoint,
  ApiRequest,
  ApiResponse,
  ApiTransport,
  Backend,
  BackendCall,
  BackendLimits,
  Call,
  Checkpoint,
  CheckpointStore,
  Checksums,
  Claim,
  Clock,
  Completed,
  Connectivity,
  CrcAlgorithm,
  DigestAlgorithm,
  DigestCall,
  Digester,
  DigestState,
  FileDescription,
  Hasher,
  HeldReceipt,
  Identity,
  Json,
  Layout,
  ListedPart,
  Opened,
  Params,
  Part,
  PartCall,
  PartReceipt,
  PartResponse,
  PartTarget,
  PartTransport,
  PictureSize,
  Refusal,
  RefusalMeaning,
  Reopened,
  SessionStatus,
  StoredRecords,
  StoredSoFar,
  TabNews,
  Tabs,
  UploadResult,
  WholeFile,
} from './ports.ts'
export type { Progress } from './progress.ts'
export type { RetryOptions } from './retry.ts'
export { droppedFiles, type FileSource, filesOf, type PickedFile } from './sources.ts'
export type { Phase, SystemPause, UploadState } from './state.ts'
export type { TotalEvents, TotalProgress } from './totals.ts'
export type { Hashing, PartInfo, PartStatus, TrackerEvents } from './tracker.ts'
export type { PauseOptions, Upload, UploadEvents, UploadLike } from './upload.ts'
export {
  type InterruptedUpload,
  Uploader,
  type UploaderEvents,
  type UploaderLike,
  type UploaderOptions,
  type UploadFileOptions,
} from './uploader.ts'
export type { Verify } from './verification.ts'
export type { UploadWarning } from './warnings.ts'
export type { StallOptions } from './watchdog.ts'
