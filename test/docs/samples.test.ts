/** Every sample of README.md and docs/ compiles, with the project's own settings. */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, test, vi } from 'vitest'
import { docstringSamplesOf, type Sample, samplesOf } from './samples.ts'

vi.setConfig({ testTimeout: 120_000 })

const root = resolve(import.meta.dirname, '../..')
const documents = ['README.md', ...globSync('docs/**/*.md', { cwd: root })]
const samples = documents.flatMap((path) => samplesOf(path, readFileSync(resolve(root, path), 'utf8')))
const compiled = samples.filter(({ notCompiled }) => notCompiled === undefined)

/** Beside the other examples, so that imports resolve from there. */
function fileOf({ name, extension }: Sample): string {
  return resolve(root, 'docs/examples', `${name.replace(/[/.:]/g, '-')}.${extension}`)
}

function settings(): ts.CompilerOptions {
  const path = resolve(root, 'tsconfig.dev.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(path, ts.sys.readFile).config,
    ts.sys,
    root,
  )
  return options
}

/** One program for all samples, because the types that they share take most of the time. */
function programOf(all: readonly Sample[]): ts.Program {
  const texts = new Map(all.map((one) => [fileOf(one), one.text]))
  const options = settings()
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => texts.has(path) || fileExists.call(host, path)
  host.readFile = (path) => texts.get(path) ?? readFile.call(host, path)
  host.getSourceFile = (path, language, ...rest) => {
    const text = texts.get(path)
    return text === undefined
      ? getSourceFile.call(host, path, language, ...rest)
      : ts.createSourceFile(path, text, language)
  }
  return ts.createProgram([...texts.keys()], options, host)
}

/** A sample need not use what it declares last, but it must use everything that it imports. */
function counts({ code, file, start = 0 }: ts.Diagnostic): boolean {
  if (![6133, 6192, 6196, 6198].includes(code)) return true
  const line = file?.text.slice(file.text.lastIndexOf('\n', start) + 1)
  return line?.startsWith('import ') ?? true
}

function inWords({ messageText, file, start }: ts.Diagnostic): string {
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
  return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}

function errorsIn(program: ts.Program, sample: Sample): readonly string[] {
  const file = program.getSourceFile(fileOf(sample))
  const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]
  return found.filter(counts).map(inWords)
}

describe('every sample of the documents compiles', () => {
  const program = programOf(compiled)

  test.each(compiled.map((sample) => [sample.name, sample] as const))('%s', (_, sample) => {
    expect(errorsIn(program, sample)).toEqual([])
  })

  test('no sample is in a language that is not checked', () => {
    const languages = documents.flatMap((path) =>
      [...readFileSync(resolve(root, path), 'utf8').matchAll(/^ *```(\w+)$/gm)].map(
        ([, language]) => language,
      ),
    )
    const known = ['css', 'html', 'http', 'js', 'json', 'sh', 'ts', 'tsx']
    expect(languages.filter((language = '') => !known.includes(language))).toEqual([])
    expect(samples.length).toBeGreaterThan(20)
  })

  test('a sample that is not compiled says why, and only code of other libraries is not', () => {
    const excused = samples.filter(({ notCompiled }) => notCompiled !== undefined)
    for (const { notCompiled, name } of excused) {
      expect(notCompiled).toMatch(/^\S+ is not installed$/)
      expect(name).toMatch(/^docs\/migrating/)
    }
  })
})

describe('every example of a docstring compiles', () => {
  const from = (module: string, names: string): [string, string][] =>
    names.split(' ').map((name) => [name, `import { ${name} } from '${module}'`])
  const given = new Map([
    ...from(
      'longhaul',
      'bkend bkendAccess bkendFiles droppedFiles filesOf fragnoFile presigned presignedTarget',
    ),
    ...from('longhaul', 'takeDrops Uploader UploadError workerHasher'),
    ...from('longhaul/react', 'useDropZone useInterrupted useUpload useUploader useUploaderFrom useUploads'),
    ...from('longhaul/remote', 'RemoteUploader'),
    ...from('./given.ts', 'file keep pickAgain token upload uploader zone'),
    ['accessToken', 'declare const accessToken: string'],
    ['refreshToken', 'declare const refreshToken: string'],
    ['auth', 'declare const auth: { readonly accessToken: string }'],
    ['error', 'declare const error: unknown'],
    ['event', 'declare const event: DragEvent'],
    ['id', 'declare const id: string'],
    ['makeWorker', 'declare const makeWorker: () => Worker'],
    ['user', 'declare const user: { readonly id: string }'],
    [
      'Row',
      "declare const Row: (row: { upload: import('longhaul').Upload; onClose(): void }) => import('react').ReactElement",
    ],
  ])
  const examples = globSync('src/**/*.ts', { cwd: root }).flatMap((path) =>
    docstringSamplesOf(path, readFileSync(resolve(root, path), 'utf8'), given),
  )
  const program = programOf(examples)

  test.each(examples.map((example) => [example.name, example] as const))('%s', (_, example) => {
    expect(errorsIn(program, example).filter((error) => !error.includes('is declared but'))).toEqual([])
  })

  test('an error in one is found, with its line', () => {
    const bad = docstringSamplesOf(
      'bad.ts',
      '/**\n * ```ts\n * const x: number = uploader\n * ```\n */',
      given,
    )
    expect(errorsIn(programOf(bad), bad[0] as Sample)).toContain(
      "line 3: Type 'Uploader' is not assignable to type 'number'.",
    )
    // All public files except the element's, whose examples are HTML.
    expect(examples.length).toBeGreaterThan(30)
  })
})

describe('the test of the samples', () => {
  const bad = (code: string, comment = ''): readonly string[] => {
    const [sample] = samplesOf('bad.md', `One line\n\n${comment}\`\`\`ts\n${code}\n\`\`\`\n`)
    if (sample === undefined) throw new Error('Expected a sample')
    return errorsIn(programOf([sample]), sample)
  }

  test('finds an error, and names its line in the document', () => {
    expect(bad('const x: number = presigned()')).toEqual(["line 4: Cannot find name 'presigned'."])
    expect(bad('const x: number = uploader', '<!-- given: uploader -->\n')).toEqual([
      "line 5: Type 'Uploader' is not assignable to type 'number'.",
    ])
  })

  test('finds an unused import', () => {
    expect(bad("import { presigned } from 'longhaul'")).toHaveLength(1)
    expect(bad('export const x = 1', '<!-- given: uploader -->\n')).toHaveLength(1)
  })
})
