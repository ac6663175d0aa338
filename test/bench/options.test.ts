import { describe, expect, test } from 'vitest'
import { contenderNames } from '../../bench/contenders.ts'
import { parseOptions, UsageError, usage } from '../../bench/options.ts'
import { scenarioNames } from '../../bench/scenarios.ts'

const mebibyte = 1024 ** 2

describe('parseOptions', () => {
  test("returns the clean scenario with longhaul's defaults without flags", () => {
    expect(parseOptions([])).toEqual({
      scenario: 'clean',
      size: 512 * mebibyte,
      files: 1,
      reps: 5,
      contenders: [
        'limit',
        'xhr-limit',
        'longhaul',
        'longhaul-xxhash64',
        'uppy',
        'tus',
        'evaporate',
        'lib-storage',
        'upchunk',
      ],
      partSize: 8 * mebibyte,
      width: 5,
      json: false,
      help: false,
    })
  })

  test('takes everything that no flag names from the scenario', () => {
    expect(parseOptions(['--scenario', 'small', '--files', '10'])).toMatchObject({
      scenario: 'small',
      size: 100 * 1024,
      files: 10,
    })
    expect(parseOptions(['--scenario', 'latency'])).toMatchObject({ partSize: 5 * mebibyte, width: 6 })
  })

  test('reads every flag, with a space or an equals sign', () => {
    const flags = [
      '--json',
      '--size=64MiB',
      '--reps',
      '3',
      '--width',
      '2',
      '--part-size',
      '16MiB',
      '--scenario',
      'clean',
      '--files',
      '2',
    ]
    expect(parseOptions([...flags, '--contenders', 'longhaul, limit'])).toEqual({
      scenario: 'clean',
      size: 64 * mebibyte,
      files: 2,
      reps: 3,
      contenders: ['longhaul', 'limit'],
      partSize: 16 * mebibyte,
      width: 2,
      json: true,
      help: false,
    })
  })

  test.each([
    [['--files', '0'], 'Expected --files to be a whole number from 1 to 10000, got "0"'],
    [['--size', 'big'], 'Expected --size to be a size such as 64MiB, got "big"'],
    [['--size', '0'], 'Expected --size to be a size such as 64MiB, got "0"'],
    [['--reps', '0'], 'Expected --reps to be a whole number from 1 to 1000, got "0"'],
    [['--reps', '1.5'], 'Expected --reps to be a whole number from 1 to 1000, got "1.5"'],
    [['--reps', ''], 'Expected --reps to be a whole number from 1 to 1000, got ""'],
    [['--width', '101'], 'Expected --width to be a whole number from 1 to 100, got "101"'],
    [['--scenario', 'moon'], `Expected --scenario to be one of ${scenarioNames.join(', ')}, got "moon"`],
    [
      ['--contenders', 'limit,me'],
      `Expected --contenders to be some of ${contenderNames.join(',')}, each once, got "limit,me"`,
    ],
    [
      ['--contenders', 'limit,limit'],
      `Expected --contenders to be some of ${contenderNames.join(',')}, each once, got "limit,limit"`,
    ],
    [
      ['--contenders', ''],
      `Expected --contenders to be some of ${contenderNames.join(',')}, each once, got ""`,
    ],
    [['--part-size', '1MiB'], 'Expected --part-size to be 5 MiB or more for this file, got "1MiB"'],
    [['--size', '100GiB'], 'Expected --part-size to be 11 MiB or more for this file, got "8MiB"'],
  ])('refuses %j with a message', (flags, message) => {
    expect(() => parseOptions(flags)).toThrow(new UsageError(message))
  })

  test.each([[['--speed', '9']], [['clean']], [['--json=yes']], [['--size']], [['-x']]])(
    'refuses the unknown flag %j',
    (flags) => {
      expect(() => parseOptions(flags)).toThrow(UsageError)
    },
  )

  test('has a help text that names every flag, scenario and contender', () => {
    for (const flag of [
      'scenario',
      'size',
      'reps',
      'contenders',
      'part-size',
      'width',
      'files',
      'json',
      'help',
    ]) {
      expect(usage).toContain(`--${flag} `)
    }
    for (const name of [...scenarioNames, ...contenderNames]) expect(usage).toContain(name)
  })
})
