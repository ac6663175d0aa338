import { describe, expect, test } from 'vitest'
import { adapterMutants } from './adapter-mutants.ts'
import { mutants as engineMutants } from './mutants.ts'
import { editedFiles } from './plant.ts'

const mutants = [...engineMutants, ...adapterMutants]

describe('the bugs that are planted to show that the simulation can fail', () => {
  test.each(mutants.map(({ name, edits }) => [name, edits] as const))(
    '%s still fits the source',
    (_, edits) => {
      expect(() => editedFiles(edits)).not.toThrow()
    },
  )

  test('a bug that no longer fits the source is named', () => {
    const edit = { file: 'layout.ts', find: 'what was there once', replace: '' }
    expect(() => editedFiles([edit])).toThrow('no longer fits the source: src/layout.ts has 0 times')
  })

  test('each has a name of its own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
  })
})
