import { describe, expect, test } from 'vitest'
import { partSizeFor } from '../../../demo/server/backends/newton/upload.ts'
import {
  at,
  file,
  type GetRig,
  hasError,
  type Initiated,
  initiate,
  initiateLarge,
  mebibyte,
  putParts,
} from './newton-rig.ts'

export function initiateTests(rig: GetRig): void {
  describe('POST /files/uploads/initiate', () => {
    answers(rig)
    resumption(rig)
    refusals(rig)
  })
}

function answers(rig: GetRig): void {
  test('answers with the parts as the server cuts the file, and a URL for each', async () => {
    const answer = await initiateLarge(rig(), { filename: 'cut.csv' })
    const part = (part_number: number, offset: number, length: number) => ({
      part_number,
      offset,
      length,
      url: expect.stringContaining(`partNumber=${part_number}&`),
      expires_at: expect.stringMatching(/Z$/),
    })
    expect(answer).toEqual({
      upload_id: expect.stringMatching(/^upl_/),
      file_uid: expect.stringMatching(/^fil_/),
      file_name: 'cut.csv',
      total_bytes: 11 * mebibyte,
      num_parts: 3,
      part_size: 5 * mebibyte,
      integrity_algorithm: 'crc32c',
      is_resume: false,
      parts: [
        part(1, 0, 5 * mebibyte),
        part(2, 5 * mebibyte, 5 * mebibyte),
        part(3, 10 * mebibyte, mebibyte),
      ],
    })
  })

  test('counts parts from 0 if the server is an older one', async () => {
    rig().control.settings.change({ firstPart: 0 })
    const { parts } = await initiateLarge(rig())
    expect(parts.map(({ part_number }) => part_number)).toEqual([0, 1, 2])
  })

  test('omits the fields that servers may omit', async () => {
    rig().control.settings.change({ tellsPartSize: false, tellsExpiry: false, integrity: 'absent' })
    const answer = await initiate(rig().client)
    expect(Object.keys(answer)).not.toContain('part_size')
    expect(Object.keys(answer)).not.toContain('integrity_algorithm')
    expect(Object.keys(answer.parts[0] ?? {})).not.toContain('expires_at')
  })

  test('says when the URLs expire, and they do', async () => {
    rig().control.settings.change({ urlLifetime: 1_000 })
    const { parts } = await initiate(rig().client)
    expect(Date.parse(parts[0]?.expires_at ?? '') - Date.now()).toBeLessThanOrEqual(1_000)
    expect(new URL(parts[0]?.url ?? '').searchParams.get('X-Amz-Expires')).toBe('1')
  })

  test('makes parts larger if there would be more than 10,000', () => {
    const { current } = rig().control.settings
    expect(partSizeFor(80_000 * mebibyte, current)).toBe(8 * mebibyte)
    expect(partSizeFor(80_000 * mebibyte + 1, current)).toBe(8 * mebibyte + 1)
  })

  test('cuts an empty file into no parts', async () => {
    expect(await initiate(rig().client, { num_bytes: 0 })).toMatchObject({ num_parts: 0, parts: [] })
  })
}

function resumption(rig: GetRig): void {
  const again = (body: object) =>
    rig().client.done<Initiated>('POST /files/uploads/initiate', {
      body: { ...body, resume_if_started: true },
    })

  test('goes on with the upload of the same name if that is requested, with the parts that have no checkpoint', async () => {
    const { client, control } = rig()
    control.settings.change({ partSize: 5 * mebibyte })
    const body = file({ num_bytes: 11 * mebibyte })
    const first = await again(body)
    expect(first.is_resume).toBe(false)
    const [token] = await putParts(first.parts.slice(1, 2))
    await client.done(at(first, '/parts/checkpoint'), { body: { parts: [token] } })
    const second = await again(body)
    expect(second).toMatchObject({ upload_id: first.upload_id, file_uid: first.file_uid, is_resume: true })
    expect(second).toMatchObject({ num_parts: 3, total_bytes: 11 * mebibyte })
    expect(second.parts.map(({ part_number }) => part_number)).toEqual([1, 3])
  })

  test('starts a new upload if that is requested, if there is none, or if the last one has ended', async () => {
    const { client } = rig()
    const body = file()
    const first = await again(body)
    expect(first.is_resume).toBe(false)
    const second = await client.done<Initiated>('POST /files/uploads/initiate', { body })
    expect([second.is_resume, second.upload_id === first.upload_id]).toEqual([false, false])
    expect((await again(body)).upload_id).toBe(second.upload_id)
    await client.call(at(second, '/abort'))
    await client.call(at(first, '/abort'))
    expect((await again(body)).is_resume).toBe(false)
  })

  test.each([{ file_type: 'text/plain' }, { num_bytes: 4 }])(
    'answers 409 with a message for %j',
    async (other) => {
      const body = file()
      await again(body)
      const answer = await rig().client.call('POST /files/uploads/initiate', {
        body: { ...body, ...other, resume_if_started: true },
      })
      expect(answer).toMatchObject(
        hasError(409, 'upload_conflict', 'as text/csv with 3 bytes is under way, got'),
      )
      expect(answer.body).toMatchObject({
        errors: [{ suggestion: expect.stringContaining('resume_if_started') }],
      })
    },
  )
}

function refusals(rig: GetRig): void {
  test.each<readonly [string, object, number, string, string]>([
    ['no name', { filename: undefined }, 400, 'missing_parameter', '`filename` to be a string, got nothing'],
    ['an empty name', { filename: '' }, 400, 'invalid_parameter', '`filename`'],
    ['a name without quotes', { filename: 7 }, 400, 'invalid_parameter', '`filename`'],
    ['no type', { file_type: undefined }, 400, 'missing_parameter', '`file_type`'],
    ['a type that is none', { file_type: 'csv' }, 400, 'invalid_file_type', 'to be a MIME type, got "csv"'],
    ['a type with a parameter', { file_type: 'text/csv; a=b' }, 400, 'invalid_file_type', 'MIME type'],
    ['no size', { num_bytes: undefined }, 400, 'missing_parameter', '`num_bytes`'],
    ['a size in quotes', { num_bytes: '3' }, 400, 'invalid_parameter', '`num_bytes` to be a whole number'],
    ['a size below 0', { num_bytes: -1 }, 400, 'invalid_parameter', '`num_bytes`'],
    ['more than 250 GB', { num_bytes: 250_000_000_001 }, 413, 'invalid_file_size', 'at most 250000000000'],
    ['a wish in quotes', { resume_if_started: 'true' }, 400, 'invalid_parameter', 'true or false, got'],
    ['a field too many', { size: 3 }, 400, 'invalid_parameter', 'Unknown field `size`'],
  ])('refuses %s', async (_, wrong, status, code, message) => {
    const answer = await rig().client.call('POST /files/uploads/initiate', { body: file(wrong) })
    expect(answer).toMatchObject(hasError(status, code, message))
  })

  test('refuses a body that is not JSON or not declared as JSON', async () => {
    const { client } = rig()
    expect(await client.call('POST /files/uploads/initiate', { body: '{' })).toMatchObject(
      hasError(400, 'invalid_parameter', 'Expected the body to be JSON'),
    )
    const headers = { 'content-type': 'text/plain' }
    expect(await client.call('POST /files/uploads/initiate', { body: '{}', headers })).toMatchObject(
      hasError(400, 'invalid_parameter', 'Expected Content-Type application/json'),
    )
  })

  test('reports errors in the older forms if it is told to', async () => {
    const { client, control } = rig()
    const refused = async () => (await client.call('POST /files/uploads/initiate', { body: {} })).body
    const message = 'Expected `filename` to be a string, got nothing'
    control.settings.change({ errorForm: 'error' })
    expect(await refused()).toEqual({ error: { code: 'missing_parameter', message, details: {} } })
    control.settings.change({ errorForm: 'detail' })
    expect(await refused()).toEqual({ detail: message })
  })

  test('reports a missing key in the old form, and an invalid key in the new one', async () => {
    const { client } = rig()
    const refused = async (authorization: string) =>
      (await client.call('POST /files/uploads/initiate', { body: file(), headers: { authorization } })).body
    expect(await refused('')).toEqual({ detail: 'The API key is missing' })
    expect(await refused('Bearer wrong')).toMatchObject({
      errors: [{ code: 'unauthorized', message: 'The API key is unknown' }],
    })
  })
}
