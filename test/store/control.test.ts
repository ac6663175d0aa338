import { describe, expect, test } from 'vitest'
import type { FaultEffect, ObjectStore } from '../../demo/server/store/object-store.ts'
import { rawRequest } from '../contracts/s3/raw-request.ts'
import { startStore, userOf } from './started-store.ts'

const onPart = (effect: FaultEffect) => ({ operation: 'UploadPart', effect })

describe('other processes', () => {
  async function control(store: ObjectStore, call: string, body?: unknown, headers = {}) {
    const [method = '', path = ''] = call.split(' ')
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await rawRequest(`${store.endpoint}/_store/${path}`, { method, headers, ...sent })
    return { status: response.status, body: JSON.parse(response.body.toString()) }
  }

  test('set faults and clear them', async () => {
    const store = await startStore()
    const user = userOf(store)
    const uploadId = await user.create('key')
    const rule = onPart({ kind: 'status', status: 500 })
    await control(store, 'POST faults', rule)
    await control(store, 'POST faults', [onPart({ kind: 'hide-etag' }), onPart({ kind: 'expired' })])
    expect((await control(store, 'GET faults')).body.rules).toHaveLength(3)
    await expect(user.putPart('key', uploadId, 1, 'x')).rejects.toMatchObject({ name: 'InternalError' })
    await control(store, 'PUT faults', [])
    await user.putPart('key', uploadId, 1, 'x')
    await control(store, 'POST faults', rule)
    await control(store, 'DELETE faults')
    await user.putPart('key', uploadId, 1, 'x')
  })

  test.each<[unknown, string]>([
    [{ operation: 'UploadParts', effect: { kind: 'expired' } }, 'rule.operation'],
    [{ operation: 'UploadPart', effect: { kind: 'explode' } }, 'effect.kind'],
    [{ operation: 'UploadPart', effect: { kind: 'cut', afterbytes: 3 } }, 'effect.afterbytes'],
    [{ operation: 'UploadPart', effect: { kind: 'delay' } }, 'effect.milliseconds'],
    [{ operation: 'UploadPart', effect: { kind: 'status', status: '503' } }, 'effect.status'],
    [{ operation: 'UploadPart', probability: 2, effect: { kind: 'expired' } }, 'rule.probability'],
    [{ operation: 'UploadPart', keyPattern: '(', effect: { kind: 'expired' } }, 'rule.keyPattern'],
    ['UploadPart', 'rule'],
  ])('get an error that says what is wrong with a rule: %j', async (rule, field) => {
    const store = await startStore()
    const { status, body } = await control(store, 'POST faults', rule)
    expect([status, body.error]).toEqual([400, expect.stringMatching(`^${field}: `)])
    expect(store.faults.rules).toEqual([])
  })

  test('read the log from a number on, and clear it', async () => {
    const store = await startStore()
    const user = userOf(store)
    const uploadId = await user.create('key')
    await user.putPart('key', uploadId, 1, 'x')
    const { entries } = (await control(store, 'GET log')).body
    expect(entries).toMatchObject([{ operation: 'CreateMultipartUpload' }, { operation: 'UploadPart' }])
    const since = await control(store, `GET log?since=${entries[0].sequence}`)
    expect(since.body.entries).toEqual(entries.slice(1))
    await control(store, 'DELETE log')
    expect((await control(store, 'GET log')).body.entries).toEqual([])
  })

  test('must not be pages: those are refused', async () => {
    const store = await startStore()
    const headers = { origin: 'https://page.example' }
    const { status } = await control(store, 'POST faults', onPart({ kind: 'expired' }), headers)
    expect(status).toBe(403)
    expect(store.faults.rules).toEqual([])
  })

  test('get a 404 for an unknown address', async () => {
    const store = await startStore()
    expect((await control(store, 'GET nothing')).status).toBe(404)
  })
})
