/** The reference server for Fragno's contract: every route, every field that can be wrong, every code. */
import { expect, test } from 'vitest'
import { fragnoContract } from './contract/fragno.ts'
import { createTests } from './fragno/create.ts'
import { directMultipartTests } from './fragno/direct-multipart.ts'
import { directSingleTests } from './fragno/direct-single.ts'
import { fileTests } from './fragno/files.ts'
import { details } from './fragno/fragno-rig.ts'
import { sessionTests } from './fragno/session.ts'
import { sharedRig } from './reference/rig.ts'
import { sharedBehaviour } from './reference/shared-behaviour.ts'

const rig = sharedRig(fragnoContract, (demo) => demo.controls.fragno)

sharedBehaviour({
  contract: fragnoContract,
  rig,
  // The same session for every call.
  request: 'POST /uploads',
  body: details({ checksum: { algo: 'md5', value: '900150983cd24fb0d6963f7d28e17f72' } }),
  codeOf: ({ code }) => code,
})
createTests(rig)
directSingleTests(rig)
directMultipartTests(rig)
sessionTests(rig)
fileTests(rig)

// Last, because it checks all calls above.
test('the tests above covered the whole contract', () => expect(rig().client.gaps()).toEqual([]))
