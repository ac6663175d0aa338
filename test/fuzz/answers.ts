/** Answers of servers that are wrong in every way, field by field. */
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ApiResponse, Json, PartResponse } from '../../src/ports.ts'
import { holds } from './fuzzed.ts'
import { type Course, courses, journey, requireHonest, type Told } from './journey.ts'
import { type Change, changed, type Place, placesIn } from './json-places.ts'
import { headerValue, junk, rawBody, status } from './junk.ts'
import { modelServers } from './model-servers.ts'
import { withPageLocation } from './page-location.ts'

type Spot = {
  readonly course: Course
  readonly index: number
  readonly endpoint: string
  readonly place: Place
}

type Wrong = {
  readonly spot: Spot
  readonly change: Change
  /** Whether every later answer to the same call is wrong in the same way. */
  readonly isSticky: boolean
}

/** @param cases For each kind of server. */
export function describeAnswers(cases: number): void {
  withPageLocation()
  describe.each(modelServers.map((make) => ({ name: make().name, make })))(
    'the answers of $name',
    ({ make }) => {
      const told = new Map<Course, readonly Told[]>()
      let spots: Spot[] = []
      beforeAll(async () => {
        for (const course of courses) told.set(course, (await journey({ server: make(), course })).told)
        spots = courses.flatMap((course) => spotsIn(course, told.get(course) ?? []))
      })

      test.each(courses)('are correct at first: %s', async (course) => {
        const one = await journey({ server: make(), course })
        await requireHonest(one)
        // A cancel may come too late.
        if (course !== 'cancelled') expect(one.outcome.status).toBe('fulfilled')
      })

      test('may have any value in any field, or lack a field', { timeout: 120_000 }, async () => {
        const touched = new Set<string>()
        const wrong = fc.record({
          spot: fc.integer({ min: 0, max: spots.length - 1 }).map((index) => spots[index] as Spot),
          change: fc.oneof(
            { weight: 1, arbitrary: fc.constant('gone' as const) },
            { weight: 9, arbitrary: junk.map((value) => ({ value })) },
          ),
          isSticky: fc.boolean(),
        })
        await holds(cases, wrong, async (one) => {
          touched.add(nameOf(one.spot))
          const tamper = (
            answer: ApiResponse,
            index: number,
            { method, url }: Told['request'],
          ): ApiResponse =>
            index === one.spot.index || (one.isSticky && endpointOf(method, url) === one.spot.endpoint)
              ? withChange(answer, one)
              : answer
          await requireHonest(await journey({ server: make(), course: one.spot.course, tamper }))
        })
        // A random sample need not reach all of them.
        if (cases >= 1000) expect([...touched].sort()).toEqual([...new Set(spots.map(nameOf))].sort())
      })

      test('may have any status, body and headers', { timeout: 120_000 }, async () => {
        const wrong = fc.record({
          course: fc.constantFrom(...courses),
          index: fc.nat(12),
          isSticky: fc.boolean(),
          answer: fc.record(
            {
              status,
              body: rawBody,
              headers: fc.dictionary(
                fc.constantFrom('date', 'retry-after', 'content-type', '__proto__'),
                headerValue,
              ),
            },
            { requiredKeys: [] },
          ),
        })
        await holds(Math.ceil(cases / 4), wrong, async ({ course, index: first, isSticky, answer }) => {
          const tamper = (given: ApiResponse, index: number): ApiResponse =>
            index === first || (isSticky && index > first) ? { ...given, ...answer } : given
          await requireHonest(await journey({ server: make(), course, tamper }))
        })
      })

      test('of its storage may be anything as well', { timeout: 120_000 }, async () => {
        const wrong = fc.record({
          course: fc.constantFrom(...courses),
          index: fc.nat(4),
          isSticky: fc.boolean(),
          status: fc.option(status, { nil: undefined }),
          body: fc.option(rawBody, { nil: undefined }),
          headers: fc.dictionary(fc.constantFrom('etag', 'retry-after', 'date'), headerValue),
        })
        await holds(
          Math.ceil(cases / 8),
          wrong,
          async ({ course, index: first, isSticky, headers, ...given }) => {
            const tamperStorage = (response: PartResponse, index: number): PartResponse =>
              index === first || (isSticky && index > first)
                ? {
                    status: given.status ?? response.status,
                    body: given.body ?? response.body,
                    headers: { ...response.headers, ...headers },
                  }
                : response
            await requireHonest(await journey({ server: make(), course, tamperStorage }))
          },
        )
      })
    },
  )
}

/** Each field of each answer that was given on that course. */
function spotsIn(course: Course, told: readonly Told[]): Spot[] {
  return told.flatMap(({ request: { method, url }, answer }, index) =>
    answer.body === ''
      ? []
      : placesIn(JSON.parse(answer.body) as Json).map((place) => ({
          course,
          index,
          endpoint: endpointOf(method, url),
          place,
        })),
  )
}

function nameOf({ endpoint, place }: Spot): string {
  return `${endpoint} ${place.join('.')}`
}

function endpointOf(method: string, url: string): string {
  return `${method} ${url.split('?', 1)[0]}`
}

function withChange(answer: ApiResponse, { spot, change }: Wrong): ApiResponse {
  if (answer.body === '') return answer
  const body = changed(JSON.parse(answer.body) as Json, spot.place, change)
  return { ...answer, body: body === undefined ? '' : JSON.stringify(body) }
}
