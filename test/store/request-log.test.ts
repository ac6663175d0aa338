import { expect, test } from 'vitest'
import { type Arrival, RequestLog } from '../../demo/server/store/request-log.ts'
import { rawRequest } from '../contracts/s3/raw-request.ts'
import { bucket, startStore, userOf } from './started-store.ts'

test('every request is in the log with its headers before it is answered', async () => {
  const store = await startStore()
  const user = userOf(store)
  const uploadId = await user.create('key')
  const url = await user.presignPart('key', uploadId, 7)
  await rawRequest(url, { method: 'PUT', body: 'body', headers: { 'X-Application': 'token' } })
  expect(store.log.entries().at(-1)).toMatchObject({
    sequence: 2,
    operation: 'UploadPart',
    method: 'PUT',
    bucket,
    key: 'key',
    uploadId,
    partNumber: 7,
    contentLength: 4,
    bytesReceived: 4,
    status: 200,
    headers: { 'x-application': 'token', 'content-length': '4' },
  })
  expect(Math.abs((store.log.entries().at(-1)?.time ?? 0) - Date.now())).toBeLessThan(10_000)
})

test('refused requests are in the log with their error, and so are preflights and requests that are not S3', async () => {
  const store = await startStore()
  await rawRequest(`${store.endpoint}/${bucket}/key`)
  await rawRequest(`${store.endpoint}/${bucket}/key`, { method: 'OPTIONS' })
  await rawRequest(`${store.endpoint}/${bucket}/key?acl`)
  await rawRequest(`${store.endpoint}/${bucket}/%ZZ`)
  await rawRequest(`${store.endpoint}/${bucket}/key`, { method: 'PATCH' })
  expect(store.log.entries().map(({ operation, status, code }) => [operation, status, code])).toEqual([
    ['GetObject', 403, 'AccessDenied'],
    ['Preflight', 400, 'BadRequest'],
    ['Unknown', 501, 'NotImplemented'],
    ['Unknown', 400, 'InvalidURI'],
    ['Unknown', 405, 'MethodNotAllowed'],
  ])
})

test('listeners hear of each request once it has had its effect, until they are removed', async () => {
  const store = await startStore()
  const user = userOf(store)
  const uploadId = await user.create('key')
  const heard: [string, number | undefined][] = []
  const undoArrival = store.log.onArrival(({ operation, partNumber }) => heard.push([operation, partNumber]))
  const undo = store.log.on(({ status, partNumber }) => heard.push([String(status), partNumber]))
  await user.putPart('key', uploadId, 3, 'x')
  undo()
  undoArrival()
  await user.putPart('key', uploadId, 4, 'x')
  expect(heard).toEqual([
    ['UploadPart', 3],
    ['200', 3],
  ])
})

test('the log can be cleared, and its numbers continue', async () => {
  const store = await startStore()
  const user = userOf(store)
  await user.put('one', 'x')
  store.log.clear()
  await user.put('other', 'x')
  expect(store.log.entries().map(({ sequence, key }) => [sequence, key])).toEqual([[2, 'other']])
})

test('a request that was under way when the log was cleared does not appear in it, and no listener hears of its end', async () => {
  const store = await startStore()
  const user = userOf(store)
  store.faults.add({ operation: 'PutObject', times: 1, effect: { kind: 'stall' } })
  const arrived = new Promise<void>((resolve) => store.log.onArrival(() => resolve()))
  const stalled = user.put('stalled', 'x').catch(() => 'cut')
  await arrived
  store.log.clear()
  const heard: string[] = []
  store.log.on(({ key }) => heard.push(key))
  store.cut()
  expect(await stalled).toBe('cut')
  await user.put('other', 'x')
  expect(store.log.entries().map(({ sequence, key }) => [sequence, key])).toEqual([[1, 'other']])
  expect(heard).toEqual(['other'])
})

test('the log drops its oldest entries, and keeps as many as it is told to', () => {
  const log = new RequestLog(100)
  const arrival: Arrival = {
    time: 0,
    operation: 'PutObject',
    method: 'PUT',
    bucket,
    key: 'key',
    uploadId: undefined,
    partNumber: undefined,
    contentLength: undefined,
    headers: {},
    fault: undefined,
  }
  for (let turn = 0; turn < 1000; turn++)
    log.arrived(arrival)({ milliseconds: 0, bytesReceived: 0, status: 200, code: undefined })
  const sequences = log.entries().map(({ sequence }) => sequence)
  expect(sequences.length).toBeGreaterThanOrEqual(100)
  expect(sequences.length).toBeLessThanOrEqual(110)
  expect(sequences.at(-1)).toBe(1000)
})
