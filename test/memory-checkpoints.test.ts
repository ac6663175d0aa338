import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { describeCheckpointStore } from './contracts/checkpoint-store.ts'

describeCheckpointStore('memoryCheckpoints', memoryCheckpoints)
