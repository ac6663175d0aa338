import { beforeEach, describe, expect, test } from 'vitest'
import type { TabNews, Tabs } from '../../src/ports.ts'

/** What keeps two tabs apart must do. `create` makes one tab of the browser at a time; each test uses keys of its own. */
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

    test('of two claims one is given', async () => {
      const claims = await Promise.all([one.claim(key), two.claim(key)])
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
      for (const claim of claims) claim?.release()
    })

    test('of two claims of one page, as of two of its Uploaders, one is given', async () => {
      const claims = await Promise.all([one.claim(key), one.claim(key)])
      expect(claims.filter((claim) => claim !== undefined)).toHaveLength(1)
      for (const claim of claims) claim?.release()
    })

    test('a claim that was released can be had', async () => {
      const first = await one.claim(key)
      expect(await two.claim(key)).toBeUndefined()
      first?.release()
      const second = await two.wait(key, new AbortController())
      expect(await one.claim(key)).toBeUndefined()
      second.release()
    })

    test('claims of different uploads do not hinder one another', async () => {
      const [first, second] = await Promise.all([one.claim(key), two.claim(`${key} other`)])
      expect([first, second]).not.toContain(undefined)
      first?.release()
      second?.release()
    })

    test('who looks whether it is taken takes nothing itself', async () => {
      const looks = (): Promise<boolean[]> =>
        Promise.all([one.isTaken(key), one.isTaken(key), two.isTaken(key)])
      expect(await looks()).toEqual([false, false, false])
      const claim = await one.claim(key)
      expect(await looks()).toEqual([true, true, true])
      claim?.release()
      await expect.poll(looks).toEqual([false, false, false])
    })

    test('who waits gets it when it is released, and is known to wait until then', async () => {
      const first = await one.claim(key)
      expect(await one.isWanted(key)).toBe(false)
      const waiting = two.wait(key, new AbortController())
      await expect.poll(() => one.isWanted(key)).toBe(true)
      first?.release()
      ;(await waiting).release()
    })

    test('who gives up waiting does not get it', async () => {
      const first = await one.claim(key)
      const controller = new AbortController()
      const waiting = two.wait(key, controller)
      controller.abort(new DOMException('enough', 'AbortError'))
      await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
      first?.release()
      const again = await one.wait(key, new AbortController())
      again.release()
    })

    test('news reach the other tab, of this upload only, until the listener is undone', async () => {
      const heard: TabNews[] = []
      const news: TabNews = { type: 'progress', confirmed: 1, inFlight: 2 }
      const off = two.hear(key, (one) => heard.push(one))
      // A tab that tells listens too, as every upload does.
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
