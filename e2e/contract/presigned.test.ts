import { presignedDriver } from './drivers/presigned.ts'
import { contractSuite } from './suite.ts'

contractSuite(presignedDriver)
