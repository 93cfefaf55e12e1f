/**
 * Windows of the day before the stage was set, for pictures alone: the server's own clock is now, so it could not have had
 * them. The timeline is told of them beside what the server says.
 */
import type { Page } from 'playwright-core'
import type { WireRequest, WireRequestList } from '../../src/contract/request.ts'
import { machineId } from './stage.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Past {
  readonly who: string
  readonly machine: string
  readonly group?: string
  readonly port?: number
  /** Hours before now. */
  readonly ago: number
  readonly hours: number
}

const DAY: readonly Past[] = [
  { who: 'grace@example.org', machine: 'web1', ago: 15, hours: 2 },
  { who: 'nightly-backup', machine: 'db1', ago: 12.5, hours: 1.5 },
  { who: 'nightly-backup', machine: 'web2', ago: 12, hours: 0.7 },
  { who: 'linus@example.org', machine: 'jumphost', group: 'office', port: 3_389, ago: 8, hours: 3 },
  { who: 'ada@example.org', machine: 'web1', ago: 6.5, hours: 1 },
  { who: 'grace@example.org', machine: 'web1', ago: 6, hours: 2.5 },
  { who: 'margaret@example.org', machine: 'build-agent-7', ago: 5, hours: 2 },
  { who: 'ada@example.org', machine: 'db1', ago: 4, hours: 1.2 },
  { who: 'linus@example.org', machine: 'web2', ago: 3, hours: 1.6 },
]

export async function tellOfPastDay(page: Page): Promise<void> {
  const now = Date.now()
  const past = DAY.map((each, order) => requestFrom(each, { order, now }))
  await page.route(isOfTimeline, async (route) => {
    const answer = await route.fetch()
    const { value, ...rest }: WireRequestList = await answer.json()
    await route.fulfill({ response: answer, json: { ...rest, value: [...value, ...past] } })
  })
}

function isOfTimeline({ pathname, searchParams }: URL): boolean {
  return pathname === '/api/v1/requests' && searchParams.has('since')
}

function requestFrom(past: Past, { order, now }: { readonly order: number; readonly now: number }): WireRequest {
  const { who, machine, group, port = 22, ago, hours } = past
  const from = new Date(now - ago * HOUR - order * MINUTE).toISOString()
  const until = new Date(Date.parse(from) + hours * HOUR).toISOString()
  const window = { from, until, endTimeUtc: until, openedAt: from, closedAt: until }
  const ending = { state: 'closed', status: 'Revoked', reason: 'Expired' } as const
  const place = { machine: machineId(machine, group), port, sources: ['198.51.100.7'] }
  const id = `past-${order}`
  const grants = [{ id: `${id}-1`, ...place, protocol: 'TCP' as const, ...window, ...ending }]
  return { id, requestor: who, address: '198.51.100.7', startTimeUtc: from, grants }
}
