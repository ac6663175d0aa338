/** The reference server for Newton's contract: every route, every field that can be wrong, every code. */
import { expect, test } from 'vitest'
import { newtonContract } from './contract/newton.ts'
import { initiateTests } from './newton/initiate.ts'
import { file } from './newton/newton-rig.ts'
import { uploadTests } from './newton/upload.ts'
import { sharedRig } from './reference/rig.ts'
import { sharedBehaviour } from './reference/shared-behaviour.ts'

const rig = sharedRig(newtonContract, (demo) => demo.controls.newton)

sharedBehaviour({
  contract: newtonContract,
  rig,
  request: 'POST /files/uploads/initiate',
  body: file({ resume_if_started: true }),
  codeOf: ({ errors }) => (Array.isArray(errors) ? errors[0]?.code : undefined),
})
initiateTests(rig)
uploadTests(rig)

// Last, because it checks all calls above.
test('the tests above covered the whole contract', () => expect(rig().client.gaps()).toEqual([]))
