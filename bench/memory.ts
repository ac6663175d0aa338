/**
 * Measures the memory of a process group, from Linux's /proc. PSS counts a page that n processes share as 1/n in each
 * of them, so the sum is what the group really has. Reading it makes the kernel walk all pages (3 ms a process), so it
 * is read only when the counters of statm, which cost nothing, suggest a new peak.
 */
import { readdirSync, readFileSync } from 'node:fs'

/** Milliseconds between two looks at the counters. */
const tick = 50
/** Looks between two searches for new processes. */
const searchEvery = 20
/** Bytes by which the counters must have grown before another exact reading. */
const step = 2 * 1024 ** 2
const page = 4096

export type MemoryWatch = {
  /** Ends it. @returns The most bytes that the group had at once; NaN without /proc. */
  stop(): number
}

/** @param group The process group's id. */
export function watchMemory(group: number): MemoryWatch {
  const watch = new GroupWatch(group)
  watch.look()
  const timer = setInterval(() => watch.look(), tick)
  return {
    stop: () => {
      clearInterval(timer)
      return watch.peak
    },
  }
}

export type GroupMemory = {
  /** Bytes of all processes together. */
  readonly all: number
  /** Bytes of the largest renderer. In a browser with one page it is that page's. */
  readonly page: number
}

/** The memory of a browser's process group now. Reading it is expensive: once a second is enough. */
export function memoryOf(group: number): GroupMemory {
  const sizes = processesOf(group).map((pid) => ({ pid, size: proportionalOf(pid) }))
  const renderers = sizes.filter(({ pid }) => read(`/proc/${pid}/cmdline`).includes('--type=renderer'))
  return { all: sum(sizes.map(({ size }) => size)), page: Math.max(0, ...renderers.map(({ size }) => size)) }
}

class GroupWatch {
  peak = Number.NaN
  readonly #group: number
  #pids: readonly string[] = []
  #looks = 0
  #highest = 0

  constructor(group: number) {
    this.#group = group
  }

  look(): void {
    if (this.#looks % searchEvery === 0) this.#pids = processesOf(this.#group)
    this.#looks += 1
    const resident = sum(this.#pids.map(residentOf))
    if (resident < this.#highest + step) return
    this.#highest = resident
    this.peak = Math.max(Number.isNaN(this.peak) ? 0 : this.peak, sum(this.#pids.map(proportionalOf)))
  }
}

function processesOf(group: number): string[] {
  return list('/proc').filter((name) => /^\d+$/.test(name) && groupOf(read(`/proc/${name}/stat`)) === group)
}

/** Parses `pid (name) state ppid pgrp …`. The name may contain anything, including a closing bracket. */
export function groupOf(stat: string): number {
  const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(group)
}

function residentOf(pid: string): number {
  const [, resident] = read(`/proc/${pid}/statm`).split(' ')
  return Number(resident ?? 0) * page
}

/** Bytes. If the kernel shows no more, the resident bytes, shared or not. */
function proportionalOf(pid: string): number {
  const [, kibibytes] = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? []
  return kibibytes === undefined ? residentOf(pid) : Number(kibibytes) * 1024
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** Empty if it is gone: processes end while one reads. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
