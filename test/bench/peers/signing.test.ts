import { expect, test } from 'vitest'
import { signatureOf } from '../../../bench/peers/signing.ts'

// "Signature Version 4 signing process", AWS General Reference: the example with IAM's ListUsers.
test("a signature equals that of AWS's own example", () => {
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    '20150830T123600Z',
    '20150830/us-east-1/iam/aws4_request',
    'f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59',
  ].join('\n')
  const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'
  expect(signatureOf(stringToSign, { secretAccessKey })).toBe(
    '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  )
})
