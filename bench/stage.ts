/** Sets up everything that an upload needs: files, network, servers. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePage } from './bundle.ts'
import { type ContenderName, contender, moduleOf, type Protocol } from './contenders.ts'
import { type BenchFile, makeFiles } from './file.ts'
import { type Network, startNetwork } from './network.ts'
import type { BenchOptions } from './options.ts'
import type { Settings } from './page/contender.ts'
import { type PeerServer, startPeerServer } from './peers/peer-server.ts'
import type { Receiver } from './receiver.ts'
import { type Scenario, scenario } from './scenarios.ts'
import { type Site, startSite } from './site.ts'
import { type Storage, startStorage } from './storage.ts'

export type Stage = {
  /** For the browsers' profiles. */
  readonly folder: string
  readonly scenario: Scenario
  readonly files: readonly BenchFile[]
  readonly partSize: number
  readonly width: number
  readonly network: Network
  readonly site: Site
  readonly storage: Storage
  readonly peerServers: ReadonlyMap<Protocol, PeerServer>
}

/** What all stages share. */
export type Props = { readonly folder: string; readonly page: string; readonly files: readonly BenchFile[] }

export async function makeProps(options: BenchOptions, folder: string): Promise<Props> {
  const page = join(folder, 'page')
  mkdirSync(page)
  await bundlePage(page, [...new Set(options.contenders.map(moduleOf))])
  return { folder, page, files: await makeFiles(folder, options) }
}

/** @param keeps Whether the store writes what it receives. */
export async function openStage(
  { scenario: name, partSize, width, contenders }: BenchOptions,
  { folder, page, files }: Props,
  keeps: boolean,
): Promise<Stage> {
  const circumstances = scenario(name)
  const network = await startNetwork(circumstances.network)
  const place = (what: string): string => join(folder, `${keeps ? 'kept' : 'dropped'}-${what}`)
  const storage = await startStorage({ directory: place('store'), keeps, network })
  const urlLifetime = circumstances.urlLifetime ?? 900
  const site = await startSite({ page, partSize, urlLifetime, store: storage.place }, network)
  const peerServers = new Map<Protocol, PeerServer>()
  for (const protocol of new Set(contenders.map((one) => contender(one).protocol))) {
    if (protocol === 's3') continue
    peerServers.set(protocol, await startPeerServer({ protocol, directory: place(protocol), network }))
  }
  return { folder, scenario: circumstances, files, partSize, width, network, site, storage, peerServers }
}

export function receiverOf(name: ContenderName, { storage, peerServers }: Stage): Receiver {
  return peerServers.get(contender(name).protocol) ?? storage
}

/** What the page is told. */
export function settingsFor(name: ContenderName, stage: Stage): Settings {
  const { protocol, width } = contender(name)
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = stage.storage.place
  return {
    api: '/api',
    ...(width === 'default' ? {} : { width: width ?? stage.width }),
    partSize: stage.partSize,
    urlsExpire: stage.scenario.urlLifetime !== undefined,
    store: { endpoint, bucket, region, accessKeyId, secretAccessKey },
    server: stage.peerServers.get(protocol)?.url ?? '',
    faulty: stage.scenario.faults !== undefined,
  }
}
