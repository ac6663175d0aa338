/**
 * Makes a screenshot's PNG several times smaller: its 256 most frequent colours in a palette (PNG 3rd edition, 11.2.2 and 12.4), every
 * other pixel the nearest of them. A page's edges have hundreds of shades that nobody tells apart.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

type Picture = { readonly width: number; readonly height: number; readonly pixels: Uint32Array }

const signature = Buffer.from('89504e470d0a1a0a', 'hex')
const paletteSize = 256

/** @param png As Chromium writes it: 8 bits a channel, RGB or RGBA, not interlaced. */
export function smallPng(png: Buffer): Buffer {
  const picture = decode(png)
  const palette = frequentColors(picture.pixels)
  return encode(picture, palette, indexed(picture.pixels, palette))
}

function decode(png: Buffer): Picture {
  const chunks = [...chunksOf(png)]
  const header = chunks.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(13)
  const [width, height, depth, colorType] = [
    header.readUInt32BE(0),
    header.readUInt32BE(4),
    header[8],
    header[9],
  ]
  if (depth !== 8 || (colorType !== 2 && colorType !== 6))
    throw new Error(`Expected 8 bits and colour type 2 or 6, got ${depth} and ${colorType}`)
  const raw = inflateSync(Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)))
  const channels = colorType === 2 ? 3 : 4
  const bytes = unfilter(raw, width * channels, height, channels)
  const pixels = Uint32Array.from({ length: width * height }, (_, index) =>
    bytes.readUIntBE(index * channels, 3),
  )
  return { width, height, pixels }
}

function* chunksOf(png: Buffer): Generator<{ readonly type: string; readonly data: Buffer }> {
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) }
    at += length + 12
  }
}

/** @param stride Bytes of a row. @param step Bytes of a pixel. */
function unfilter(raw: Buffer, stride: number, height: number, step: number): Buffer {
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x
      const left = x < step ? 0 : (out[at - step] ?? 0)
      const up = y === 0 ? 0 : (out[at - stride] ?? 0)
      const corner = x < step || y === 0 ? 0 : (out[at - stride - step] ?? 0)
      out[at] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner)
    }
  }
  return out
}

function predicted(filter: number | undefined, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  return filter === 4 ? paeth(left, up, corner) : 0
}

function paeth(left: number, up: number, corner: number): number {
  const [byLeft, byUp, byCorner] = [
    Math.abs(up - corner),
    Math.abs(left - corner),
    Math.abs(left + up - 2 * corner),
  ]
  if (byLeft <= byUp && byLeft <= byCorner) return left
  return byUp <= byCorner ? up : corner
}

function frequentColors(pixels: Uint32Array): readonly number[] {
  const counts = new Map<number, number>()
  for (const color of pixels) counts.set(color, (counts.get(color) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, paletteSize).map(([color]) => color)
}

function indexed(pixels: Uint32Array, palette: readonly number[]): Uint8Array {
  const known = new Map(palette.map((color, index) => [color, index]))
  return Uint8Array.from(pixels, (color) => {
    const index = known.get(color) ?? nearest(color, palette)
    known.set(color, index)
    return index
  })
}

function nearest(color: number, palette: readonly number[]): number {
  const distances = palette.map((other) => distance(color, other))
  return distances.indexOf(Math.min(...distances))
}

function distance(a: number, b: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0)
}

function encode({ width, height }: Picture, palette: readonly number[], indexes: Uint8Array): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits, colour type 3: a palette.
  header.set([8, 3, 0, 0, 0], 8)
  const colors = Buffer.from(palette.flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255]))
  // Each row begins with its filter: none, which is best for indexes.
  const rows = Buffer.alloc((width + 1) * height)
  for (let y = 0; y < height; y++) rows.set(indexes.subarray(y * width, (y + 1) * width), y * (width + 1) + 1)
  const data = deflateSync(rows, { level: 9, memLevel: 9 })
  const chunks = [
    chunk('IHDR', header),
    chunk('PLTE', colors),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]
  return Buffer.concat([signature, ...chunks])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}
