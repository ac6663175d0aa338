/** Tests of the built package, as npm publishes it and as others see it. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, onTestFinished, test } from 'vitest'
import { cdnFiles } from '../../scripts/integrity.ts'
import { importable, manifest, root } from './entries.ts'

type Seen = { readonly touched: readonly string[]; readonly left: readonly string[] }

/** @param url Of the module. */
function watchedImport(url: string, place: 'main' | 'worker'): Seen {
  const script = fileURLToPath(new URL('watched-import.js', import.meta.url))
  // React's development build reads queueMicrotask when it is imported.
  const env = { ...process.env, NODE_ENV: 'production' }
  return JSON.parse(execFileSync(process.execPath, [script, url, place], { encoding: 'utf8', env }))
}

/** The part of the package that remains in an application with this code, after tree shaking. */
async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    alias: { longhaul: join(root, 'dist/index.js') },
    external: [...Object.keys(manifest.dependencies), 'react'],
    bundle: true,
    format: 'esm',
    splitting: true,
    outdir: 'out',
    logLevel: 'error',
    write: false,
  })
  return outputFiles[0]?.text ?? ''
}

/** A folder with the package in its node_modules. @returns Its path. */
function consumerBeside(packageFolder: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'longhaul-consumer-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(packageFolder, join(folder, 'node_modules/longhaul'))
  symlinkSync(join(packageFolder, 'node_modules/@types'), join(folder, 'node_modules/@types'))
  const consumer = join(folder, 'consumer.tsx')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  copyFileSync(join(packageFolder, 'test/package/consumer.tsx'), consumer)
  return consumer
}

describe('the manifest', () => {
  test('publint has no findings', async () => {
    const { messages, pkg } = await publint({ pkgDir: root, strict: true, pack: 'npm' })
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([])
  })

  test('are-the-types-wrong finds every entry with its types, as an ESM package has them', () => {
    const command = ['attw', '--pack', root, '--profile', 'esm-only', '--no-color', '--no-emoji']
    const { status, stdout } = spawnSync('npx', command, { cwd: root, encoding: 'utf8' })
    expect(status, stdout).toBe(0)
  })

  test.each([
    ['ESNext', 'bundler'],
    ['node16', 'node16'],
    // This resolution of TypeScript before 5.0 does not read `exports`, so it finds nothing from inside the package.
    ['ESNext', 'node10'],
  ])(
    'an application that checks library types compiles against the package: %s, %s',
    (module, resolution) => {
      const strict = [
        '--strict',
        '--exactOptionalPropertyTypes',
        '--noUncheckedIndexedAccess',
        '--skipLibCheck',
        'false',
        '--ignoreDeprecations',
        '6.0',
      ]
      const modules = [
        '--module',
        module,
        '--moduleResolution',
        resolution,
        '--jsx',
        'react-jsx',
        '--target',
        'ES2022',
      ]
      const command = [
        // The former major version, which has all ways of resolving modules.
        join(root, 'node_modules/typescript/bin/tsc'),
        '--noEmit',
        '--ignoreConfig',
        ...strict,
        ...modules,
        '--typeRoots',
        join(root, 'node_modules/@types'),
        '--types',
        'react',
        consumerBeside(root),
      ]
      const { status, stdout } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' })
      expect(stdout).toBe('')
      expect(status).toBe(0)
    },
  )

  test.each(Object.entries(manifest.exports))(
    '%s points to a file, and has types if it is code',
    (path, target) => {
      const files = typeof target === 'string' ? [target] : [target.types, target.default]
      expect(files).toHaveLength(path.endsWith('.json') ? 1 : 2)
      expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([])
    },
  )
})

describe('importing it', () => {
  test('is watched by a check that can see side effects', () => {
    const module = 'data:text/javascript,navigator;setTimeout;globalThis.leftBehind=1'
    const seen = { touched: ['navigator', 'setTimeout'], left: ['leftBehind'] }
    expect(watchedImport(module, 'main')).toEqual(seen)
    expect(watchedImport(module, 'worker')).toEqual(seen)
  })

  // The element's class extends HTMLElement if that exists.
  const looks: Readonly<Record<string, readonly string[]>> = { element: ['HTMLElement'] }

  test.each(importable.flatMap((name) => [[name, 'main'] as const, [name, 'worker'] as const]))(
    'runs nothing and touches no global: %s in plain Node, %s',
    (name, place) => {
      const { href } = pathToFileURL(join(root, `dist/${name}.js`))
      expect(watchedImport(href, place)).toEqual({ touched: looks[name] ?? [], left: [] })
    },
  )

  test('leaves nothing in an application that uses none of it', async () => {
    const text = await bundled("import { Uploader, presigned } from 'longhaul'; import 'longhaul'")
    expect(text.replace(/\/\/.*/g, '').trim()).toBe('')
  })

  test('brings along what is used, and nothing else', async () => {
    const text = await bundled(
      "import { memoryCheckpoints } from 'longhaul'; console.log(memoryCheckpoints())",
    )
    expect(text).toContain('MemoryCheckpoints')
    // With the checks of a stored layout. Everything would be a hundred thousand bytes.
    expect(text.length).toBeLessThan(3_000)
  })

  test('has side effects only in files that are whole scripts', () => {
    const entries = importable.map((name) => `./dist/${name}.js`)
    expect(manifest.sideEffects.filter((file) => !existsSync(join(root, file)))).toEqual([])
    expect(entries.filter((file) => manifest.sideEffects.includes(file))).toEqual([])
  })
})

describe('for pages', () => {
  // V8 reads the hint only at the top of a file.
  test.each(cdnFiles)('%s asks to be compiled while it loads', (file) => {
    const [first] = readFileSync(join(root, 'dist', file), 'utf8').split('\n', 1)
    expect(first).toBe('//# allFunctionsCalledOnLoad')
  })
})
