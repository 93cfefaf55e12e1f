/** The names that a server knows, for a person who has pressed Tab: quickly, or not at all. */
import type { Command } from 'commander'
import { clientOf, type Client } from '../calls/client.ts'
import { readContexts } from '../contexts/context-store.ts'
import { allPolicies, machinesBeginning, newestRequests, shortName } from '../names/directory.ts'
import { findServer } from '../calls/find-server.ts'
import { optionsOf } from '../options/global-options.ts'
import { httpCall } from '../calls/http-call.ts'
import { HOST_STATES, hostsAt } from '../names/hosts.ts'
import { allGroups, allPrograms, allUsers } from '../names/identity.ts'
import type { Io } from '../io.ts'
import { placeOf } from '../sign-in/token-place.ts'
import { rolesAt } from '../names/roles.ts'
import { prepareTransport } from '../calls/transport.ts'
import type { Candidate, Noun } from './whats-next.ts'

/** Longer than that a person does not wait for a list. */
const PATIENCE = 1_500
const NEWEST = 100
/** More than anybody looks through for the next letter. */
const NAMES_SHOWN = 500

export interface Wanted {
  readonly noun: Noun
  /** The beginning of the name. */
  readonly typed: string
  /** With the options that are typed already. */
  readonly command: Command
}

export async function namesOf({ noun, typed, command }: Wanted, io: Io): Promise<Candidate[]> {
  if (noun === 'context') return contextsHere(io)
  const access = findServer(optionsOf(command), io)
  prepareTransport(access.ca, io.env)
  const deadline = AbortSignal.timeout(PATIENCE)
  return NAMES[noun](
    clientOf(access, (url, init) => httpCall(url, { ...init, signal: deadline })),
    typed,
  )
}

const NAMES: Readonly<Record<Exclude<Noun, 'context'>, (client: Client, typed: string) => Promise<Candidate[]>>> = {
  machine: async (client, typed) =>
    (await machinesBeginning(client, typed, NAMES_SHOWN)).map(({ name, os }) => ({ text: name, does: os })),
  host: async (client, typed) =>
    (await hostsAt(client, { search: typed === '' ? undefined : typed }, NAMES_SHOWN)).items.map(({ name, state }) => ({
      text: name,
      does: HOST_STATES[state].text,
    })),
  policy: async (client) => {
    const policies = await allPolicies(client)
    return policies.map(({ name, properties }) => ({
      text: name,
      does: properties.virtualMachines.map(({ id }) => shortName(id)).join(', '),
    }))
  },
  request: async (client) => {
    const { items } = await newestRequests(client, { live: true }, NEWEST)
    return items.map(({ id, grants }) => ({
      text: id,
      does: grants.map(({ machine, port }) => `${shortName(machine)}:${port}`).join(', '),
    }))
  },
  user: async (client) => (await allUsers(client)).map(({ name, displayName }) => ({ text: name, does: displayName })),
  group: async (client) => (await allGroups(client)).map(({ name }) => ({ text: name, does: '' })),
  'service-principal': async (client) =>
    (await allPrograms(client)).map(({ name, appId }) => ({ text: name, does: appId })),
  role: async (client) =>
    (await rolesAt(client, '/')).map(({ properties: { roleName, description } }) => ({
      text: roleName,
      does: description,
    })),
}

function contextsHere(io: Io): Candidate[] {
  return readContexts(placeOf(io)).contexts.map(({ name, server }) => ({ text: name, does: server }))
}
