/** All contracts, in one form. */
import { activeStorageContract } from './active-storage.ts'
import { bkendContract } from './bkend.ts'
import type { ContractList } from './contract-list.ts'
import { fragnoContract } from './fragno.ts'
import { newtonContract } from './newton.ts'
import { presignedContract } from './presigned.ts'

type Listed = typeof bkendContract | typeof activeStorageContract

export const bkendList: ContractList = { ...listOf(bkendContract), codes: codesOf(bkendContract) }

/** The document has statuses and no codes, so coverage records statuses too. */
export const activeStorageList: ContractList = {
  ...listOf(activeStorageContract),
  codes: Object.fromEntries(activeStorageContract.errors.map(({ status }) => [String(status), status])),
  onOrder: ['403', '429', '500'],
}

export const contracts: readonly ContractList[] = [
  presignedContract,
  fragnoContract,
  bkendList,
  newtonContract,
  activeStorageList,
]

function listOf({ name, mount, endpoints, errors }: Listed): Omit<ContractList, 'codes'> {
  const named = [
    ...endpoints.map(({ route, origin }) => ({ name: route, origin })),
    ...errors.map(({ code, origin }) => ({ name: code, origin })),
  ]
  const ofOrigin = (wanted: string): readonly string[] =>
    named.filter(({ origin }) => origin === wanted).map((one) => one.name)
  return {
    name,
    mount,
    endpoints: Object.fromEntries(endpoints.map(({ route, ...endpoint }) => [route, endpoint])),
    found: ofOrigin('found'),
    assumed: ofOrigin('assumed'),
    onOrder: errors.filter((error) => 'onOrder' in error).map(({ code }) => code),
  }
}

function codesOf({ errors }: Listed): ContractList['codes'] {
  return Object.fromEntries(errors.map(({ code, status }) => [code, status]))
}
