import { randomBytes } from 'node:crypto'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { NewtonSettings } from '../../../demo/server/backends/newton/settings.ts'
import { putTo, type ReferenceClient } from '../reference/reference-client.ts'
import type { Rig } from '../reference/rig.ts'

export type GetRig = () => Rig<NewtonSettings>

export const mebibyte = 1024 * 1024

export type Part = {
  readonly part_number: number
  readonly url: string
  readonly offset: number
  readonly length: number
  readonly expires_at: string
}

export type Initiated = {
  readonly upload_id: string
  readonly file_uid: string
  readonly file_name: string
  readonly is_resume: boolean
  readonly parts: readonly Part[]
}

export type Token = { readonly part_number: number; readonly part_token: string }

/** A client's description of a file. */
export function file(overrides: object = {}): Readonly<Record<string, unknown>> {
  const filename = `${randomBytes(6).toString('hex')}.csv`
  return { filename, file_type: 'text/csv', num_bytes: 3, ...overrides }
}

export function initiate(client: ReferenceClient, overrides: object = {}): Promise<Initiated> {
  return client.done<Initiated>('POST /files/uploads/initiate', { body: file(overrides) })
}

/** An upload of 11 MiB, in parts of 5, 5 and 1 MiB. */
export function initiateLarge(
  { client, control }: ReturnType<GetRig>,
  overrides: object = {},
): Promise<Initiated> {
  control.settings.change({ partSize: 5 * mebibyte })
  return initiate(client, { num_bytes: 11 * mebibyte, ...overrides })
}

/** Puts the parts as the server has cut them. */
export function putParts(
  parts: readonly Part[],
  bytes: Uint8Array = Buffer.alloc(11 * mebibyte),
): Promise<readonly Token[]> {
  return Promise.all(
    parts.map(async ({ part_number, url, offset, length }) => ({
      part_number,
      part_token: await putTo(url, bytes.subarray(offset, offset + length)),
    })),
  )
}

export function at({ upload_id }: Initiated, rest: string): string {
  return `POST /files/uploads/${upload_id}${rest}`
}

/** The stored bytes of a complete upload. */
export async function contentOf({ demo }: ReturnType<GetRig>, { file_uid }: Initiated): Promise<Buffer> {
  const get = new GetObjectCommand({ Bucket: demo.bucket, Key: `newton/${file_uid}` })
  const { Body } = await demo.s3.send(get)
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

export function hasError(status: number, code: string, message = ''): object {
  const error = {
    code,
    message: expect.stringContaining(message),
    error_uid: expect.stringMatching(/^err_/),
  }
  return { status, body: { errors: [error] } }
}
