/** Where Ceph's programs are, and how they are installed. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type Release = {
  /** As in 16.2.15 */
  readonly version: string
  /** The directory that the programs see as `/`. `undefined` means the system's own. */
  readonly root: string | undefined
}

/** The release is not available on this machine, which is no failure of what is tested. */
export class NotToBeHad extends Error {}

const packages = ['radosgw', 'ceph-mon', 'ceph-osd']
const programs = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph']

/** The release of this Debian, from its own packages. */
export function installSystemRelease(): Release {
  if (!programs.every((program) => isProgram(program))) {
    requireAptAndRoot(
      `Ceph is installed from Debian's packages; else put ${programs.join(', ')} into the PATH`,
    )
    say(`installing Debian's packages ${packages.join(', ')} (apt-get; 61 MB to download)`)
    apt('update', '-qq')
    // Waits for other processes that may be installing packages.
    apt('-o', 'DPkg::Lock::Timeout=600', 'install', '-y', '-qq', '--no-install-recommends', ...packages)
  }
  return { version: versionOf(undefined), root: undefined }
}

/**
 * The release of Debian testing, unpacked outside the system and run by chroot, so the system is not changed. It is kept for
 * the next time.
 */
export function unpackTestingRelease(): Release {
  const root = fileURLToPath(new URL('../../.data/ceph-testing', import.meta.url))
  if (!existsSync(join(root, 'usr/bin/radosgw'))) {
    requireAptAndRoot("Debian testing's packages are unpacked and run by chroot")
    say(
      "unpacking Debian testing's radosgw, ceph-mon and ceph-osd into .data/ceph-testing (156 MB to download)",
    )
    try {
      unpack(root)
    } catch (error) {
      rmSync(root, { recursive: true, force: true })
      throw error
    }
  }
  return { version: versionOf(root), root }
}

function unpack(root: string): void {
  const state = join(root, '.apt')
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'log'])
    mkdirSync(join(state, folder), { recursive: true })
  writeFileSync(join(state, 'status'), '')
  writeFileSync(join(state, 'sources.list'), `${testingSource()}\n`)
  writeFileSync(join(state, 'apt.conf'), aptOfItsOwn(state))
  const own = ['-qq', '-c', join(state, 'apt.conf')]
  apt(...own, 'update')
  apt(...own, 'install', '-y', '--download-only', ...packages)
  for (const folder of ['usr/bin', 'usr/sbin', 'usr/lib', 'usr/lib64', 'dev', 'etc', 'root', 'run', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const folder of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${folder}`, join(root, folder))
  const archives = join(state, 'cache/archives')
  for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb')))
    shell(
      'dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"' +
        ' --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale',
      join(archives, file),
      root,
    )
  run('mknod', '-m', '666', join(root, 'dev/null'), 'c', '1', '3')
  run('mknod', '-m', '666', join(root, 'dev/urandom'), 'c', '1', '9')
  rmSync(state, { recursive: true })
}

/** The source of this system's own packages. */
function testingSource(): string {
  const [address] = run('apt-get', 'indextargets', '--format', '$(REPO_URI)').split('\n')
  if (!address) throw new NotToBeHad('apt-get names no source of packages')
  return `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${address} testing main`
}

/** Settings that keep lists, archives and status apart from the system's. */
function aptOfItsOwn(state: string): string {
  const settings = {
    'Dir::State': join(state, 'state'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': join(state, 'cache'),
    'Dir::Log': join(state, 'log'),
    'Dir::Etc::sourcelist': join(state, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'APT::Install-Recommends': 'false',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} "${value}";\n`)
    .join('')
}

function requireAptAndRoot(why: string): void {
  const missing = [
    ...(existsSync('/usr/bin/apt-get') ? [] : ['apt-get']),
    ...(process.getuid?.() === 0 ? [] : ['root']),
  ]
  if (missing.length > 0) throw new NotToBeHad(`this needs ${missing.join(' and ')}: ${why}`)
}

function isProgram(name: string): boolean {
  return spawnSync('which', [name]).status === 0
}

function versionOf(root: string | undefined): string {
  const [program = '', ...parameters] = inRoot(root, ['radosgw', '--version'])
  const said = run(program, ...parameters)
  return /version (\d+\.\d+\.\d+)/.exec(said)?.[1] ?? said
}

/** The command as it is run in the release's root. */
export function inRoot(root: string | undefined, command: readonly string[]): readonly string[] {
  return root === undefined ? command : ['chroot', root, ...command]
}

function apt(...parameters: string[]): string {
  return run('apt-get', ...parameters)
}

function shell(script: string, ...parameters: string[]): void {
  run('bash', '-o', 'pipefail', '-c', script, 'bash', ...parameters)
}

/** @returns The command's output. */
function run(command: string, ...parameters: string[]): string {
  const environment = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    encoding: 'utf8',
    env: environment,
  })
  if (status === 0) return stdout
  throw new NotToBeHad(`\`${command} ${parameters.join(' ')}\` failed: ${error ?? stderr.trim()}`)
}

function say(what: string): void {
  console.error(`ceph: ${what}`)
}
