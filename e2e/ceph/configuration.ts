/** The ceph.conf of one monitor, one OSD and one gateway on the loopback interface. */
export type ConfigurationOptions = {
  readonly id: string
  /** As the programs see it. */
  readonly directory: string
  readonly ports: { readonly monitor: number; readonly gateway: number }
}

const gibibyte = 1024 ** 3

export function configuration({ id, directory, ports }: ConfigurationOptions): string {
  const settings: Readonly<Record<string, string | number>> = {
    fsid: id,
    'mon initial members': 'a',
    // One address of one kind: asked for both kinds, or for IPv6 too, the monitor waits for what does not come.
    'mon host': `v2:127.0.0.1:${ports.monitor}`,
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'ms bind ipv6': 'false',
    'ms bind msgr1': 'false',
    // Nobody signs in: what talks here are our own processes.
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    // Without keys the secure mode, which the monitor prefers, cannot be had.
    'ms mon client mode': 'crc',
    'run dir': `${directory}/run`,
    'admin socket': `${directory}/run/$name.asok`,
    'log file': `${directory}/log/$name.log`,
    'crash dir': `${directory}/log`,
    'mon data': `${directory}/mon`,
    'osd data': `${directory}/osd`,
    'rgw data': `${directory}/run`,
    // A sparse file, which takes what is written.
    'osd objectstore': 'bluestore',
    'bluestore block size': 32 * gibibyte,
    'osd memory target': gibibyte,
    // One OSD holds the only copy, and that has to be enough for every pool; without a manager nobody scales them.
    'osd crush chooseleaf type': 0,
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'mon allow pool size one': 'true',
    'osd pool default pg num': 4,
    'osd pool default pgp num': 4,
    'osd pool default pg autoscale mode': 'off',
    // It stops at 5 % of free disk otherwise, which many a machine has.
    'mon data avail crit': 1,
    // A monitor without others has nobody to wait for: half a minute less until the pools are there.
    'paxos propose interval': 0.05,
    'paxos min wait': 0.01,
    'rgw frontends': `beast endpoint=127.0.0.1:${ports.gateway}`,
    'rgw thread pool size': 64,
    // What was deleted is gone soon, and not in two hours.
    'rgw gc obj min wait': 30,
    'rgw gc processor period': 30,
  }
  return `[global]\n${Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')}`
}
