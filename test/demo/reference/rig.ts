/** A demo that all tests of one reference server share. */
import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import type { Control } from '../../../demo/server/backends/reference/control.ts'
import type { Demo } from '../../../demo/server/demo.ts'
import type { ContractList } from '../contract/contract-list.ts'
import { demoForTests } from '../rig.ts'
import { ReferenceClient } from './reference-client.ts'

export type Rig<T extends object> = {
  readonly demo: Demo
  readonly client: ReferenceClient
  readonly control: Control<T>
}

/** The rig exists from `beforeAll` on. Changes that a test makes to the server end with the test. */
export function sharedRig<T extends object>(
  contract: ContractList,
  controlOf: (demo: Demo) => Control<T>,
): () => Rig<T> {
  // Real servers and real bytes, on a machine that may be busy.
  vi.setConfig({ testTimeout: 30_000 })
  let rig: Rig<T> | undefined
  let restore: () => void = () => {}
  beforeAll(async () => {
    const demo = await demoForTests()
    const control = controlOf(demo)
    const { current } = control.settings
    restore = () => void control.settings.change(current)
    rig = { demo, client: new ReferenceClient(demo.url, contract), control }
  })
  afterEach(() => {
    restore()
    rig?.control.faults.clear()
  })
  afterAll(() => rig?.demo.close())
  return () => {
    if (rig === undefined) throw new Error('Expected the rig to be asked for in a test')
    return rig
  }
}
