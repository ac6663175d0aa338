/** Kills ten browsers at random moments. `npm run e2e:kill -- --runs 100` kills a hundred. */
import { expect, mebibyte, test } from './fixtures.ts'
import { killRun } from './kill/kill-run.ts'

for (let seed = 1; seed <= 10; seed++) {
  test(`an upload whose browser is killed goes on where it was (seed ${seed})`, async ({
    demo,
    store,
    makeFile,
  }) => {
    const report = await killRun(seed, demo, store, await makeFile('file.bin', 52 * mebibyte))
    expect(report.killedIn.length).toBeGreaterThan(0)
  })
}
