/** Waits until the machine is idle: a browser that has just started, or the run before, still costs time. */
import { type CpuInfo, cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

type Cpu = Pick<CpuInfo, 'times'>

/** Milliseconds of one look. */
const look = 500
/** The share of all cores' time that may be in use. */
const calm = 0.1
/** Milliseconds after which a machine that is never idle has to do. */
const patience = 10_000

export async function machineRests(): Promise<void> {
  const deadline = performance.now() + patience
  let before = cpus()
  do {
    await sleep(look)
    const now = cpus()
    if (busyPart(before, now) < calm) return
    before = now
  } while (performance.now() < deadline)
}

/** The busy share of the time between two looks, from 0 to 1. */
export function busyPart(before: readonly Cpu[], now: readonly Cpu[]): number {
  const idle = sum(now, idleTime) - sum(before, idleTime)
  const all = sum(now, allTime) - sum(before, allTime)
  return all > 0 ? 1 - idle / all : 0
}

function idleTime({ times }: Cpu): number {
  return times.idle
}

function allTime({ times }: Cpu): number {
  return Object.values(times).reduce((total, time) => total + time, 0)
}

function sum(all: readonly Cpu[], time: (cpu: Cpu) => number): number {
  return all.reduce((total, cpu) => total + time(cpu), 0)
}
