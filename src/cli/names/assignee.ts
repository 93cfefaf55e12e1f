/**
 * Whom a role is given to, listed for or taken from, by what was typed: a name here, an object id, or a program's client id.
 * People of other issuers are known by object id alone.
 */
import type { Client } from '../calls/client.ts'
import { EXIT } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import { allGroups, allPrograms, allUsers } from './identity.ts'
import type { Session } from '../session.ts'

interface Given {
  readonly assignee: string
  readonly type?: string
}

/** What a role is given to; the types are those of assignments. */
interface Principal {
  readonly id: string
  readonly name: string
  /** A program's client id. */
  readonly appId?: string
  readonly type: 'User' | 'Group' | 'ServicePrincipal'
}

/**
 * Who is called exactly this here, or has it as an id. Nobody where other issuers' people are meant, or where the caller may
 * not read who there is.
 */
async function principalsCalled(client: Client, typed: string): Promise<Principal[]> {
  const called = typed.toLowerCase()
  return (await principalsHere(client)).filter(({ id, name, appId = '' }) =>
    [id, name, appId].some((text) => text.toLowerCase() === called),
  )
}

/** Of the installation's own issuer, as far as the caller may read them. */
export async function principalsHere(client: Client): Promise<Principal[]> {
  const [users, groups, programs] = await Promise.all([
    allUsers(client).catch(nobodyToSee),
    allGroups(client).catch(nobodyToSee),
    allPrograms(client).catch(nobodyToSee),
  ])
  return [
    ...users.map((one) => ({ ...one, type: 'User' as const })),
    ...groups.map((one) => ({ ...one, type: 'Group' as const })),
    ...programs.map((one) => ({ ...one, type: 'ServicePrincipal' as const })),
  ]
}

function nobodyToSee(error: unknown): never[] {
  if (error instanceof Failure && (error.exit === EXIT.denied || error.exit === EXIT.notFound)) return []
  throw error
}

/** A name of somebody here is never taken for the object id of somebody elsewhere: that would give nobody anything. */
export async function assigneeOf(
  { assignee, type }: Given,
  { client, say }: Pick<Session, 'client' | 'say'>,
): Promise<Pick<Principal, 'id' | 'name'> & { readonly type: string | undefined }> {
  const called = await principalsCalled(client, assignee)
  const among = called.filter((one) => type === undefined || one.type === type)
  const [only] = among
  if (only === undefined) {
    if (!GUID.test(assignee)) say(`warning: nobody here is called '${assignee}'; it is taken for an object id`)
    return { id: assignee, name: assignee, type }
  }
  if (among.length === 1) return only
  throw new Failure(EXIT.usage, `'${assignee}' could be any of ${among.length}; write the object id`, {
    details: among.map(({ id, type: kind }) => ({ code: 'Ambiguous', message: `${kind}  ${id}` })),
  })
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
