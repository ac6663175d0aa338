import { afterEach, describe, expect, test, vi } from 'vitest'
import { pictureSize } from '../../src/picture.ts'

async function picture(type: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(31, 17)
  canvas.getContext('2d')?.fillRect(0, 0, 31, 17)
  return canvas.convertToBlob({ type })
}

afterEach(() => {
  vi.useRealTimers()
})

describe('pictureSize', () => {
  test.each(['image/png', 'image/jpeg', 'image/webp'])('reads the size of a %s', async (type) => {
    expect(await pictureSize(await picture(type))).toEqual({ width: 31, height: 17 })
  })

  test.each([
    ['is no picture by its type', new Blob(['text'], { type: 'text/plain' })],
    ['is none whatever its type says', new Blob(['text'], { type: 'image/png' })],
    ['is empty', new Blob([], { type: 'image/png' })],
  ])('returns nothing for a file that %s', async (_, blob) => {
    expect(await pictureSize(blob)).toBeUndefined()
  })

  test('leaves no timer behind', async () => {
    const blob = await picture('image/png')
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    expect(await pictureSize(blob)).toEqual({ width: 31, height: 17 })
    expect(vi.getTimerCount()).toBe(0)
  })
})
