import { crc32, deflateSync, inflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { smallPng } from '../../scripts/small-png.ts'

const signature = Buffer.from('89504e470d0a1a0a', 'hex')

function chunk(type: string, data: Buffer): Buffer {
  const frame = Buffer.alloc(data.length + 12)
  frame.writeUInt32BE(data.length, 0)
  frame.write(type, 4, 'latin1')
  frame.set(data, 8)
  frame.writeUInt32BE(crc32(frame.subarray(4, -4)), data.length + 8)
  return frame
}

/** @param rows Each with its filter in front. */
function png(width: number, colorType: number, rows: readonly number[][]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(rows.length, 4)
  header.set([8, colorType], 8)
  const data = deflateSync(Buffer.from(rows.flat()))
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function part(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type, 0, 'latin1')
  return file.subarray(at + 4, at + 4 + file.readUInt32BE(at - 4))
}

/** Every pixel's colour, as what shows the file would find it. */
function pixels(file: Buffer, width: number): string[] {
  const palette = part(file, 'PLTE')
  const rows = inflateSync(part(file, 'IDAT'))
  const indexes = [...rows].filter((_, index) => index % (width + 1) > 0)
  return indexes.map((index) => palette.toString('hex', index * 3, index * 3 + 3))
}

test.each([
  ['none', [0, 1, 2, 3, 9, 8, 7]],
  ['of the pixel to the left', [1, 1, 2, 3, 8, 6, 4]],
  ['of the row above', [2, 246, 237, 228, 204, 193, 182]],
  ['of both', [3, 252, 248, 244, 234, 228, 221]],
  ['by Paeth', [4, 246, 237, 228, 204, 193, 232]],
])('a picture with the filter %s keeps its pixels', (_, second) => {
  const first = [0, 11, 21, 31, 61, 71, 81]
  const small = smallPng(png(2, 2, [first, second]))
  expect(pixels(small, 2)).toEqual(['0b151f', '3d4751', '010203', '090807'])
  expect(small.subarray(0, 8)).toEqual(signature)
})

test('beyond 256 colours the rare ones become the nearest of the frequent ones', () => {
  const frequent = Array.from({ length: 256 }, (_, value) => [value, 0, 0, 255, value, 0, 0, 255]).flat()
  const small = smallPng(png(513, 6, [[0, ...frequent, 7, 1, 1, 255]]))
  expect(pixels(small, 513).at(-1)).toBe('070000')
})

test('what it does not understand is refused', () => {
  expect(() => smallPng(png(1, 0, [[0, 1]]))).toThrow('got 8 and 0')
})
