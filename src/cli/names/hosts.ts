/** Hosts that run the agent, as the command line finds and shows them. */
import type { WireHost } from '../../contract/host.ts'
import { having, type Reader } from '../calls/answers.ts'
import type { Answer, Client } from '../calls/client.ts'
import type { Colour } from '../show/colour.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure, usageFailure } from '../failure.ts'
import type { Column } from '../show/output.ts'
import { resolveName } from './resolve-name.ts'
import { formatWireTime } from '../times.ts'

const HOSTS = '/api/v1/hosts'

export const asHost: Reader<WireHost> = (body) => having(body, 'id', 'state', 'labels', 'findings') as WireHost // as the contract promises

export function hostPath(name: string): string {
  return `${HOSTS}/${pathPart(name)}`
}

/** What would end a part of an address is in no name, nor is one that means the folder above; the rest is the server's to judge. */
export function pathPart(name: string): string {
  if (name !== '' && !/[/?#]|^\.\.?$/.test(name)) return name
  throw usageFailure(`'${name}' is not a name for a host; use letters, digits, '-' and '.'`)
}

export interface HostQuery {
  readonly search?: string | undefined
  readonly selector?: string | undefined
  readonly state?: string | undefined
}

/** The server gives at most a thousand at once. */
export function hostsAt(client: Client, query: HostQuery, most: number): Promise<{ items: WireHost[]; more: boolean }> {
  return client.list({ path: HOSTS, query: { ...query, top: String(Math.min(most, 1_000)) } }, most, asHost)
}

/** More than a person means by one name. */
const SEARCHED = 1_000

/** By its whole name, its id, or the beginning of either; with the version that was read. */
export async function findHost(client: Client, typed: string): Promise<{ host: WireHost; etag: string | undefined }> {
  const name = typed.split('/').at(-1) ?? ''
  const exact = name === '' ? undefined : await hostCalled(client, name)
  if (exact !== undefined) return read(exact)
  const { items: among } = await hostsAt(client, { search: name === '' ? undefined : name }, SEARCHED)
  const found = resolveName({ what: 'host', typed, among, list: 'sallyport host list' })
  return read(await client.call({ path: hostPath(found.name) }))
}

async function hostCalled(client: Client, name: string): Promise<Answer | undefined> {
  try {
    return await client.call({ path: hostPath(name) })
  } catch (error) {
    if (error instanceof Failure && error.exit === EXIT.notFound) return undefined
    throw error
  }
}

function read({ body, headers }: Answer): { host: WireHost; etag: string | undefined } {
  return { host: asHost(body), etag: headers.get('etag') ?? undefined }
}

/** `env=prod` */
export function parseLabel(text: string): readonly [string, string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw usageFailure(`'${text}' is not a label; write one like env=prod`)
}

export function labelsText(labels: WireHost['labels']): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}

export const HOST_STATES: Readonly<Record<WireHost['state'], { readonly text: string; readonly colour: Colour }>> = {
  neverEnrolled: { text: 'not enrolled yet', colour: 'yellow' },
  enrolled: { text: 'enrolled', colour: 'yellow' },
  connected: { text: 'connected', colour: 'green' },
  unreachable: { text: 'unreachable', colour: 'red' },
  revoked: { text: 'revoked', colour: 'grey' },
}

export const HOST_COLUMNS: readonly Column<WireHost>[] = [
  { title: 'NAME', text: ({ name }) => name },
  { title: 'KIND', text: ({ kind }) => kind },
  {
    title: 'STATE',
    text: ({ state }) => HOST_STATES[state].text,
    raw: ({ state }) => state,
    colour: ({ state }) => HOST_STATES[state].colour,
  },
  { title: 'ADDRESS', text: ({ addresses }) => addresses[0] ?? '', raw: ({ addresses }) => addresses.join(',') },
  { title: 'LABELS', text: ({ labels }) => labelsText(labels) },
  { title: 'AGENT', text: ({ agentVersion }) => agentVersion ?? '' },
  {
    title: 'SEEN',
    text: ({ lastSeenAt }, view) => (lastSeenAt === undefined ? '' : formatWireTime(lastSeenAt, view)),
    raw: ({ lastSeenAt }) => lastSeenAt ?? '',
  },
  { title: 'PROBLEM', text: problemOf },
]

/** The worst that is known of it, in one line. */
function problemOf({ unsupported, findings, upgrade }: WireHost): string {
  const failed =
    findings.find(({ status }) => status === 'failed') ?? findings.find(({ status }) => status === 'warning')
  return unsupported?.message ?? failed?.text ?? upgrade ?? ''
}
