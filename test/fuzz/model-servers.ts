import { activeStorageServer } from './servers/active-storage-server.ts'
import { bkendServer } from './servers/bkend-server.ts'
import { fragnoServer } from './servers/fragno-server.ts'
import type { ModelServer } from './servers/model-server.ts'
import { newtonServer } from './servers/newton-server.ts'
import { presignedServer } from './servers/presigned-server.ts'

/** Every protocol in all its variants. Each call of one creates a new server. */
export const modelServers: readonly (() => ModelServer)[] = [
  () => presignedServer(),
  activeStorageServer,
  () => bkendServer('single'),
  () => bkendServer('parts'),
  () => bkendServer('parts', true),
  newtonServer,
  () => fragnoServer('direct-multipart'),
  () => fragnoServer('direct-single'),
  () => fragnoServer('proxy'),
]
