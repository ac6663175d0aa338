import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { S3User } from '../contracts/s3/s3-user.ts'
import { atEnd, filesIn, temporaryDirectory, userOf } from './started-store.ts'

type Process = { child: ChildProcess; endpoint: string; user: S3User }

async function startProcess(directory: string): Promise<Process> {
  const main = new URL('../../demo/server/store/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, '--directory', directory, '--bucket', 'uploads'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  atEnd(() => child.kill('SIGKILL'))
  const [line] = await once(createInterface(child.stdout), 'line')
  const { endpoint, region } = JSON.parse(line)
  const credentials = { accessKeyId: 'demo', secretAccessKey: 'demodemo' }
  return { child, endpoint, user: userOf({ endpoint, region, credentials }) }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown> {
  const ended = once(child, 'exit')
  child.kill(signal)
  return ended
}

test('a store in its own process prints its address, and ends when it is asked to', async () => {
  const { child, endpoint, user } = await startProcess(await temporaryDirectory())
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  await user.put('key', 'x')
  expect(await user.readText('key')).toBe('x')
  expect(await end(child, 'SIGTERM')).toEqual([0, null])
})

test('a killed store has everything that it acknowledged, and nothing that it had not received completely', async () => {
  const directory = await temporaryDirectory()
  const { child, endpoint, user } = await startProcess(directory)
  const uploadId = await user.create('key')
  const part = await user.putPart('key', uploadId, 1, 'answered for')
  const { pathname, search, host, port } = new URL(await user.presignPart('key', uploadId, 2))
  const socket = connect(Number(port), '127.0.0.1').on('error', () => {})
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 9000000\r\n\r\n`)
  socket.write(Buffer.alloc(4_000_000))
  while ((await filesIn(directory))['temporary'] === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  await end(child, 'SIGKILL')
  expect((await filesIn(directory))['temporary']).toBe(1)
  const again = await startProcess(directory)
  expect(again.endpoint).not.toBe(endpoint)
  expect(await again.user.partNumbers('key', uploadId)).toEqual([1])
  expect(await filesIn(directory)).toMatchObject({ content: 1, temporary: 0 })
  await again.user.complete('key', uploadId, [part])
  expect(await again.user.readText('key')).toBe('answered for')
})
