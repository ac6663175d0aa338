/**
 * The S3 suites against Ceph's gateway, which is installed and started for them:
 *
 *     npm run e2e:ceph                    this Debian's release (16.2); fails if it is not available
 *     npm run e2e:ceph -- --release 20    Debian testing's, which verifies checksums; skipped if it is not available
 *     npm run e2e:ceph -- --serve         starts it, says how to reach it, and waits for Ctrl+C
 */
import { parseArgs } from 'node:util'
import type { Count } from '../../scripts/counts.ts'
import { openBucket } from '../s3/bucket.ts'
import { interruption } from '../s3/interruption.ts'
import { environmentOf, type S3Place } from '../s3/place.ts'
import { runSuite } from '../s3/run-suite.ts'
import { startCluster } from './cluster.ts'
import { installSystemRelease, NotToBeHad, type Release, unpackTestingRelease } from './release.ts'

const { values } = parseArgs({
  options: { release: { type: 'string', default: '16' }, serve: { type: 'boolean', default: false } },
})
const signal = interruption()
try {
  process.exitCode = await main()
} catch (error) {
  console.error(`e2e:ceph: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
// Nothing that an interruption has left unfinished may keep the process alive.
process.exit()

/** @returns The exit code. */
async function main(): Promise<number> {
  if (values.release !== '16' && values.release !== '20')
    throw new Error(`expected --release to be 16 or 20, got "${values.release}"`)
  const release = values.release === '16' ? installSystemRelease() : testingRelease()
  if (release === undefined) return 0
  const count = await onCluster(release)
  if (count === undefined) return 0
  console.log(`${count.passed} passed, ${count.failed} failed`)
  return count.failed > 0 || signal.aborted ? 1 : 0
}

/** @returns `undefined` if the release is not available, or is not the expected one. */
function testingRelease(): Release | undefined {
  try {
    const release = unpackTestingRelease()
    if (release.version.startsWith('20.')) return release
    throw new NotToBeHad(`Debian testing has ${release.version} by now`)
  } catch (error) {
    if (!(error instanceof NotToBeHad)) throw error
    console.error(`e2e:ceph: SKIPPED, nothing was tested with release 20: ${error.message}`)
    return undefined
  }
}

/** @returns `undefined` if the cluster was only to be served. */
async function onCluster(release: Release): Promise<Count | undefined> {
  const started = performance.now()
  const { endpoint, credentials, stop } = await startCluster(release, signal)
  try {
    const place = { endpoint, credentials, region: 'us-east-1', pathStyle: true }
    const bucket = (await openBucket(place, undefined)).name
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    console.log(`ceph: RGW ${release.version} on ${endpoint} after ${seconds} s`)
    if (values.serve) return await serve({ ...place, bucket })
    const known = `rgw-${values.release}`
    return await runSuite({
      name: values.release === '16' ? 'ceph' : `ceph-${values.release}`,
      place: { ...place, bucket },
      differences: known,
      signal,
    })
  } finally {
    // This also removes the bucket.
    await stop()
  }
}

async function serve(place: S3Place): Promise<undefined> {
  for (const [name, value] of Object.entries(environmentOf(place))) console.log(`export ${name}=${value}`)
  // A listener alone does not keep the process alive.
  const kept = setInterval(() => {}, 60_000)
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  clearInterval(kept)
}
