/** The browsers that one is signed in with, as the command line finds them. */
import type { WireSession } from '../../contract/session.ts'
import { asPage, having, type Reader } from '../calls/answers.ts'
import type { Client } from '../calls/client.ts'

export const SESSIONS = '/api/v1/sessions'

const asSession: Reader<WireSession> = (body) => having(body, 'id', 'browser', 'isCurrent') as WireSession // as the contract promises

export async function allSessions(client: Client): Promise<WireSession[]> {
  return asPage((await client.call({ path: SESSIONS })).body).value.map(asSession)
}
