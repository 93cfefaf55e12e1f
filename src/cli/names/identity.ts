/** The installation's own users, groups and service principals, found by what a person types. */
import type {
  WireAddedCredential,
  WireGroup,
  WireMadeUser,
  WireServicePrincipal,
  WireUser,
} from '../../contract/identity.ts'
import { having, type Reader } from '../calls/answers.ts'
import type { Client } from '../calls/client.ts'
import { resolveName } from './resolve-name.ts'

export const USERS = '/api/v1/users'
export const GROUPS = '/api/v1/groups'
export const PROGRAMS = '/api/v1/service-principals'

/** More than a person looks through. */
const MANY = 100_000
const PAGE = { top: '1000' }

// Each `as` says what the contract promises of the route that is asked.
const asUser: Reader<WireUser> = (body) => having(body, 'id', 'name', 'oneTimeCode') as WireUser
export const asMadeUser: Reader<WireMadeUser> = (body) => having(body, 'user') as WireMadeUser
export const asGroup: Reader<WireGroup> = (body) => having(body, 'id', 'name', 'members') as WireGroup
export const asProgram: Reader<WireServicePrincipal> = (body) =>
  having(body, 'id', 'appId', 'credentials') as WireServicePrincipal
export const asAddedCredential: Reader<WireAddedCredential> = (body) =>
  having(body, 'servicePrincipal', 'credential') as WireAddedCredential

export async function allUsers(client: Client): Promise<WireUser[]> {
  return (await client.list({ path: USERS, query: PAGE }, MANY, asUser)).items
}

export async function allGroups(client: Client): Promise<WireGroup[]> {
  return (await client.list({ path: GROUPS, query: PAGE }, MANY, asGroup)).items
}

export async function allPrograms(client: Client): Promise<WireServicePrincipal[]> {
  return (await client.list({ path: PROGRAMS, query: PAGE }, MANY, asProgram)).items
}

export async function findUser(client: Client, typed: string): Promise<WireUser> {
  return resolveName({ what: 'user', typed, among: await allUsers(client), list: 'sallyport user list' })
}

export async function findGroup(client: Client, typed: string): Promise<WireGroup> {
  return resolveName({ what: 'group', typed, among: await allGroups(client), list: 'sallyport group list' })
}

/** By its name, its object id, or its client id. */
export async function findProgram(client: Client, typed: string): Promise<WireServicePrincipal> {
  const among = await allPrograms(client)
  const byClient = among.find(({ appId }) => appId === typed.toLowerCase())
  return byClient ?? resolveName({ what: 'service principal', typed, among, list: 'sallyport service-principal list' })
}
