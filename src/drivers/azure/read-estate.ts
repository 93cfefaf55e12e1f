/**
 * Reads everything of a connection's subscriptions from the resource graph, page by page. The graph leaves out what may
 * not be read without a word, so each subscription is asked for first: what is left out counts as gone.
 */
import type { AzureSettings } from '../../domain/clouds/connection.ts'
import type { Arm } from './arm-client.ts'
import {
  ADDRESSES_QUERY,
  FIREWALLS_QUERY,
  GROUPS_QUERY,
  INTERFACES_QUERY,
  MACHINES_QUERY,
  SUBNETS_QUERY,
} from './graph-queries.ts'
import type { GraphRows } from './graph-rows.ts'
import { ArmError, isJson } from './arm-answer.ts'
import { completed } from './direct-rows.ts'

export const SUBSCRIPTION_VERSION = '2022-12-01'

/** What Azure gives in one page at most. */
export const MOST_ROWS = 1_000

/** Rejects when a subscription, or any page of an answer, cannot be read. */
export async function readRows(
  arm: Arm,
  { subscriptions }: Pick<AzureSettings, 'subscriptions'>,
  signal: AbortSignal,
): Promise<GraphRows> {
  for (const id of subscriptions) {
    const path = `/subscriptions/${id}?api-version=${SUBSCRIPTION_VERSION}`
    await arm.send({ method: 'GET', path, what: `read subscription ${id}`, urgency: 'look', signal })
  }
  const all = async <T>(query: string): Promise<readonly T[]> =>
    (await allRows(arm, query, { subscriptions, signal })) as T[] // each query projects just these columns
  const rows: GraphRows = {
    machines: await all(MACHINES_QUERY),
    interfaces: await all(INTERFACES_QUERY),
    subnets: (await all<GraphRows['subnets'][number]>(SUBNETS_QUERY)).filter(({ id }) => id !== ''),
    groups: await all(GROUPS_QUERY),
    addresses: await all(ADDRESSES_QUERY),
    firewalls: await all(FIREWALLS_QUERY),
  }
  return completed(arm, rows, { signal })
}

async function allRows(
  arm: Arm,
  query: string,
  { subscriptions, signal }: { subscriptions: readonly string[]; signal: AbortSignal },
): Promise<unknown[]> {
  const rows: unknown[] = []
  let skipToken: string | undefined
  let top = MOST_ROWS
  do {
    const asked = { query, subscriptions, signal, ...(skipToken === undefined ? {} : { skipToken }) }
    const page = await pageOf(arm, asked, top)
    top = page.top
    for (const row of page.rows) if (isJson(row) && typeof row['id'] === 'string') rows.push(row)
    skipToken = page.skipToken
  } while (skipToken !== undefined)
  return rows
}

type Asked = Omit<Parameters<Arm['ask']>[0], 'top'>

/** A page may be too large for an answer, with a thousand security groups of a thousand rules: then fewer at a time. */
async function pageOf(
  arm: Arm,
  asked: Asked,
  top: number,
): Promise<Awaited<ReturnType<Arm['ask']>> & { readonly top: number }> {
  try {
    return { ...(await arm.ask({ ...asked, top })), top }
  } catch (error) {
    const isTooLarge = error instanceof ArmError && [error.code, ...error.details].includes('ResponsePayloadTooLarge')
    if (!isTooLarge || top === 1) throw error
    return pageOf(arm, asked, Math.ceil(top / 4))
  }
}
