/** The ceph.conf of one monitor, one OSD and one gateway on the loopback interface. */
export type ConfigurationOptions = {
  readonly id: string
  /** The path as the programs see it. */
  readonly directory: string
  readonly ports: { readonly monitor: number; readonly gateway: number }
}

const gibibyte = 1024 ** 3

export function configuration({ id, directory, ports }: ConfigurationOptions): string {
  const settings: Readonly<Record<string, string | number>> = {
    fsid: id,
    'mon initial members': 'a',
    // One address of one kind. With both kinds, or with IPv6 too, the monitor would wait for ever.
    'mon host': `v2:127.0.0.1:${ports.monitor}`,
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'ms bind ipv6': 'false',
    'ms bind msgr1': 'false',
    // No sign-in, because only our own processes talk to each other.
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    // The monitor prefers the secure mode, which needs keys.
    'ms mon client mode': 'crc',
    'run dir': `${directory}/run`,
    'admin socket': `${directory}/run/$name.asok`,
    'log file': `${directory}/log/$name.log`,
    'crash dir': `${directory}/log`,
    'mon data': `${directory}/mon`,
    'osd data': `${directory}/osd`,
    'rgw data': `${directory}/run`,
    // A sparse file, which takes only the space of what is written.
    'osd objectstore': 'bluestore',
    'bluestore block size': 32 * gibibyte,
    'osd memory target': gibibyte,
    // One OSD holds the only copy, which has to be enough for every pool. Without a manager, nothing scales the pools.
    'osd crush chooseleaf type': 0,
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'mon allow pool size one': 'true',
    'osd pool default pg num': 4,
    'osd pool default pgp num': 4,
    'osd pool default pg autoscale mode': 'off',
    // By default the monitor stops at 5 % of free disk space.
    'mon data avail crit': 1,
    // A single monitor has no others to wait for. This makes the pools ready half a minute earlier.
    'paxos propose interval': 0.05,
    'paxos min wait': 0.01,
    'rgw frontends': `beast endpoint=127.0.0.1:${ports.gateway}`,
    'rgw thread pool size': 64,
    // Removes deleted objects soon, and not after two hours.
    'rgw gc obj min wait': 30,
    'rgw gc processor period': 30,
  }
  return `[global]\n${Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')}`
}
