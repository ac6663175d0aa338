/** Describes the machine that the figures come from: without it they say nothing. */
import { cpus, release, totalmem, type } from 'node:os'

export type Machine = {
  readonly cores: number
  readonly memoryMiB: number
  readonly cpu: string
  readonly system: string
  readonly node: string
  readonly browser: string
}

export function describeMachine(browserVersion: string): Machine {
  return {
    cores: cpus().length,
    memoryMiB: Math.round(totalmem() / 1024 ** 2),
    cpu: cpus()[0]?.model ?? 'unknown',
    system: `${type()} ${release()}`,
    node: process.versions.node,
    browser: `Chromium ${browserVersion}`,
  }
}
