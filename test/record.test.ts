import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Checkpoint } from '../src/ports.ts'
import { readCheckpoint, readReceipt, readStored } from '../src/record.ts'
import { checkpointOf } from './contracts/checkpoint-store.ts'

describe('a stored record', () => {
  test('is read as it was stored', () => {
    const opened = checkpointOf('a')
    expect(readCheckpoint(structuredClone(opened))).toEqual(opened)
    const { version, key, scope, backend, identity, params, createdAt, expiresAt } = opened
    const identified = {
      version,
      key,
      scope,
      backend,
      identity,
      params,
      createdAt,
      expiresAt,
      digest: 'd',
      stage: 'identified',
    }
    expect(readCheckpoint(identified)).toEqual(identified)
  })

  describe('with an unfinished digest', () => {
    const state = { algorithm: 'md5', offset: 8, build: 'b', state: 's', checked: 4, check: 'c' }
    const identified = { ...checkpointOf('a'), stage: 'identified', digest: undefined, hashing: state }

    test('is read as it was stored', () => {
      expect(readCheckpoint(structuredClone(identified))).toEqual(identified)
      const checked = { ...identified, hashing: { ...state, checked: state.offset } }
      expect(readCheckpoint(checked)).toEqual(checked)
    })

    test.each([
      { offset: 0 },
      { offset: -1 },
      { algorithm: undefined },
      { build: 1 },
      { state: 1 },
      { check: undefined },
      { checked: 9 },
      { checked: -1 },
    ])('is ignored if its state has %j', (wrong) => {
      expect(readCheckpoint({ ...identified, hashing: { ...state, ...wrong } })).toBeUndefined()
    })
  })

  test('of another version is ignored', () => {
    expect(readCheckpoint({ ...checkpointOf('a'), version: 2 })).toBeUndefined()
  })

  test.each([
    ['scope', 1],
    ['expiresAt', '10'],
    ['expiresAt', Number.NaN],
    ['createdAt', Number.POSITIVE_INFINITY],
    ['digest', 1],
    ['session', undefined],
    ['sessionExpiresAt', '10'],
    ['identity', { name: 1 }],
    ['identity', { relativePath: undefined }],
    ['identity', { type: null }],
    ['identity', { size: '12' }],
    ['identity', { lastModified: 'today' }],
  ])('is ignored if its %s is %j', (field, wrong) => {
    const good = { ...checkpointOf('a'), sessionExpiresAt: 7 }
    expect(readCheckpoint(good)).toEqual(good)
    const value = typeof wrong === 'object' ? { ...good.identity, ...wrong } : wrong
    expect(readCheckpoint({ ...good, [field]: value })).toBeUndefined()
  })

  test('needs no digest, and no time until which the server keeps the session', () => {
    const { digest: _, ...without } = checkpointOf('a')
    expect(readCheckpoint(without)).toEqual(without)
    const identified = { ...without, stage: 'identified' }
    expect(readCheckpoint(identified)).toEqual(identified)
  })

  test('of a session to be aborted is read, and ignored without the session', () => {
    const aborting = { ...checkpointOf('a'), stage: 'aborting' }
    expect(readCheckpoint(aborting)).toEqual(aborting)
    expect(readCheckpoint({ ...aborting, session: undefined })).toBeUndefined()
  })

  const junk = fc.anything().filter((value) => typeof value !== 'object' || value === null)

  test('with any field damaged is ignored', () => {
    const fields = [
      'version',
      'key',
      'backend',
      'identity',
      'params',
      'createdAt',
      'stage',
      'layout',
    ] as const
    fc.assert(
      fc.property(fc.constantFrom(...fields), junk, (field, value) => {
        fc.pre(!['key', 'backend'].includes(field) || typeof value !== 'string')
        fc.pre(field !== 'createdAt' || typeof value !== 'number')
        fc.pre(field !== 'version' || value !== 1)
        fc.pre(field !== 'stage' || (value !== 'opened' && value !== 'identified'))
        expect(readCheckpoint({ ...checkpointOf('a'), [field]: value })).toBeUndefined()
      }),
    )
  })

  /** A checkpoint of a file of this size. */
  function sized(size: number): Checkpoint {
    return { ...checkpointOf('a'), identity: { ...checkpointOf('a').identity, size } }
  }

  test('of an empty file that the server has cut into no part is read', () => {
    const layout = { fileSize: 0, partSize: 1, cuts: [] }
    expect(readCheckpoint({ ...sized(0), layout })).toMatchObject({ layout })
    const without = { ...layout, fileSize: 1 }
    expect(readCheckpoint({ ...sized(1), layout: without })).toBeUndefined()
  })

  test('with the layout of a file of another size is ignored, since completing it would store only a piece of the file', () => {
    const layout = { fileSize: 8, partSize: 4 }
    expect(readCheckpoint({ ...checkpointOf('a'), layout })).toBeUndefined()
    expect(readCheckpoint({ ...sized(8), layout })).toMatchObject({ layout })
  })

  test('with a string in place of a number in a cut is ignored, since other bytes would be sent', () => {
    const cuts = [0, 4, 8].map((offset, index) => ({ number: index + 1, offset, size: 4 }))
    const layout = { fileSize: 12, partSize: 4, cuts }
    expect(readCheckpoint({ ...checkpointOf('a'), layout })).toMatchObject({ layout })
    for (const field of ['number', 'offset', 'size'] as const) {
      const wrong = cuts.map((cut) => ({ ...cut, [field]: String(cut[field]) }))
      expect(readCheckpoint({ ...checkpointOf('a'), layout: { ...layout, cuts: wrong } })).toBeUndefined()
    }
  })

  test.each([null, undefined, 12])('with %j for its layout is ignored', (layout) => {
    expect(readCheckpoint({ ...checkpointOf('a'), layout })).toBeUndefined()
  })

  test.each([null, 'all', [null], [1], { length: 0 }])('with %j for its cuts is ignored', (cuts) => {
    const layout = { fileSize: 12, partSize: 4, cuts }
    expect(readCheckpoint({ ...checkpointOf('a'), layout })).toBeUndefined()
  })

  test.each([
    ['a byte is in two parts', [0, 3, 8], [1, 2, 3]],
    ['a byte is in none', [0, 5, 8], [1, 2, 3]],
    ['they do not follow each other', [0, 8, 4], [1, 2, 3]],
    ['two have one number', [0, 4, 8], [1, 2, 2]],
  ])('with cuts is ignored if %s', (_, offsets, numbers) => {
    const cuts = offsets.map((offset, index) => ({ number: numbers[index], offset, size: 4 }))
    const layout = { fileSize: 12, partSize: 4, cuts }
    expect(readCheckpoint({ ...checkpointOf('a'), layout })).toBeUndefined()
  })

  test('gives only its valid receipts', () => {
    const [checkpoint, good] = [checkpointOf('a'), { number: 1, size: 4, etag: '"e"' }]
    const read = readStored({ checkpoint, receipts: [null, good, { ...good, size: '4' }, 7] })
    expect(read?.receipts).toEqual([good])
  })

  test('of an ended upload is read with a valid result, and ignored otherwise', () => {
    const ended = { ...checkpointOf('a'), stage: 'ended' }
    const result = { key: 'k', size: 12, checksums: {} }
    for (const good of ['cancelled', result]) expect(readCheckpoint({ ...ended, result: good })).toBeDefined()
    for (const bad of [
      'done',
      undefined,
      null,
      { ...result, key: 1 },
      { ...result, size: -1 },
      { key: 'k', size: 12 },
      { ...result, checksums: 'none' },
    ])
      expect(readCheckpoint({ ...ended, result: bad })).toBeUndefined()
  })

  test.each([{ partSize: 0 }, { partSize: 1.5 }, { partSize: '4' }, { fileSize: -1 }])(
    'with the layout %j is ignored',
    (wrong) => {
      const layout = { fileSize: 12, partSize: 4, ...wrong }
      expect(readCheckpoint({ ...checkpointOf('a'), layout })).toBeUndefined()
    },
  )

  test('of any content never throws', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        readCheckpoint(value)
        readReceipt(value)
      }),
    )
  })

  test('of a receipt is read with all digests of its part', () => {
    const receipt = { number: 0, size: 0, etag: '', md5: 'a', crc32c: 'b', crc32: 'c', crc64nvme: 'd' }
    expect(readReceipt(receipt)).toEqual(receipt)
  })

  test.each([
    { number: -1 },
    { number: 1.5 },
    { size: -1 },
    { size: '4' },
    { etag: 5 },
    { md5: null },
    { crc32c: 1 },
    { crc32: {} },
    { crc64nvme: 1 },
  ])('of a receipt with %j is ignored', (wrong) => {
    expect(readReceipt({ number: 1, size: 4, etag: '"e"', ...wrong })).toBeUndefined()
  })
})
