import { beforeEach, describe, expect, test } from 'vitest'
import type { TabNews, Tabs } from '../../src/ports.ts'

/**
 * The contract for keeping two tabs apart. `create` makes one tab of the browser at a time; each test uses its own
 * keys.
 */
export function describeTabs(name: string, create: () => Tabs): void {
  describe(`${name} keeps tabs apart`, () => {
    let one: Tabs
    let two: Tabs
    let key: string
    beforeEach(() => {
      one = create()
      two = create()
      key = `key ${Math.random()}`
    })

    test('one of two claims is granted', async () => {
      const claims = await Promise.all([one.claim(key), two.claim(key)])
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
      for (const claim of claims) claim?.release()
    })

    test('one of two claims of the same page is granted, such as of two Uploaders', async () => {
      const claims = await Promise.all([one.claim(key), one.claim(key)])
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
      for (const claim of claims) claim?.release()
    })

    test('a released claim can be granted again', async () => {
      const first = await one.claim(key)
      expect(await two.claim(key)).toBeUndefined()
      first?.release()
      const second = await two.wait(key, new AbortController())
      expect(await one.claim(key)).toBeUndefined()
      second.release()
    })

    test('claims of different uploads do not affect each other', async () => {
      const [first, second] = await Promise.all([one.claim(key), two.claim(`${key} other`)])
      expect([first, second]).not.toContain(undefined)
      first?.release()
      second?.release()
    })

    test('checking whether an upload is claimed claims nothing', async () => {
      const looks = (): Promise<boolean[]> =>
        Promise.all([one.isTaken(key), one.isTaken(key), two.isTaken(key)])
      expect(await looks()).toEqual([false, false, false])
      const claim = await one.claim(key)
      expect(await looks()).toEqual([true, true, true])
      claim?.release()
      await expect.poll(looks).toEqual([false, false, false])
    })

    test('a waiting tab gets the claim when it is released, and is known to wait until then', async () => {
      const first = await one.claim(key)
      expect(await one.isWanted(key)).toBe(false)
      const waiting = two.wait(key, new AbortController())
      await expect.poll(() => one.isWanted(key)).toBe(true)
      first?.release()
      ;(await waiting).release()
    })

    test('a tab that stops waiting does not get the claim', async () => {
      const first = await one.claim(key)
      const controller = new AbortController()
      const waiting = two.wait(key, controller)
      controller.abort(new DOMException('enough', 'AbortError'))
      await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
      first?.release()
      const again = await one.wait(key, new AbortController())
      again.release()
    })

    test('news reach the other tab, for this upload only, until the listener is removed', async () => {
      const heard: TabNews[] = []
      const news: TabNews = { type: 'progress', confirmed: 1, inFlight: 2 }
      const off = two.hear(key, (one) => heard.push(one))
      // The tab that sends the news listens too, as every upload does.
      const deaf = one.hear(key, () => {})
      one.tell(`${key} other`, news)
      one.tell(key, news)
      await expect.poll(() => heard).toEqual([news])
      off()
      one.tell(key, news)
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(heard).toHaveLength(1)
      deaf()
    })
  })
}
