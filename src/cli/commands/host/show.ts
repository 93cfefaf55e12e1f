/** `host show`: one host, what its agent says of it, and of a gateway the machines behind it. */
import type { Command } from 'commander'
import type { WireHost } from '../../../contract/host.ts'
import { withExamples } from '../../help/examples.ts'
import { showBelow, showFacts } from '../../show/facts.ts'
import { withGlobalOptions } from '../../options/global-options.ts'
import { findHost, HOST_STATES, labelsText } from '../../names/hosts.ts'
import type { Io } from '../../io.ts'
import type { Column } from '../../show/output.ts'
import { openSession, type Screen } from '../../session.ts'
import { formatWireTime, type TimeView } from '../../times.ts'

export function addHostShow(group: Command, io: Io): void {
  const command = withGlobalOptions(
    group
      .command('show')
      .description('show one host, and what its agent says of it')
      .argument('<host>', 'its name, its id, or the beginning of one'),
  )
  withExamples(command, [{ does: 'what is wrong with web1?', line: 'sallyport host show web1' }])
  command.action(async (typed: string) => {
    const session = openSession(command, io)
    const { host } = await findHost(session.client, typed)
    showFacts(session, [...factsOf(host, session.view), ...gatewayFacts(host)])
    const rows = host.findings
    await showBelow(session, { data: host, rows, columns: FINDINGS })
    sayState(host, session)
  })
}

function factsOf(host: WireHost, view: TimeView): [string, string | undefined][] {
  const time = (at: string | undefined): string | undefined => (at === undefined ? undefined : formatWireTime(at, view))
  const system = [host.system, host.kernel, host.architecture].filter((text) => text !== undefined).join(', ')
  return [
    ['Name', host.name],
    ['Id', host.id],
    ['Kind', host.kind],
    ['State', stateText(host, time)],
    ['Labels', labelsText(host.labels)],
    ['Addresses', host.addresses.join(', ')],
    ['System', system],
    ['Agent', host.agentVersion],
    ['Last seen', time(host.lastSeenAt)],
    ['Enrolled', time(host.enrolledAt)],
    ['Certificate until', time(host.certificateEndsAt)],
    ['Clock', clockText(host)],
  ]
}

function stateText(
  { state, unreachableSince, lastSeenAt, revokedAt, revokedBecause }: WireHost,
  time: (at: string | undefined) => string | undefined,
): string {
  const since = time(state === 'unreachable' ? unreachableSince : state === 'revoked' ? revokedAt : undefined)
  const why = state === 'revoked' && revokedBecause === 'cloned' ? ', because two hosts had its certificate' : ''
  // Seen to go, it was heard later than what is on record besides.
  const isAtLeast = state === 'unreachable' && unreachableSince !== undefined && unreachableSince === lastSeenAt
  const later = isAtLeast ? ', or up to two minutes later: the server that it was connected to died' : ''
  return `${HOST_STATES[state].text}${since === undefined ? '' : ` since ${since}`}${why}${later}`
}

function clockText({ clock }: WireHost): string | undefined {
  return clock === undefined ? undefined : `${Math.round(clock.wallOffset)} ms from the server’s`
}

function gatewayFacts({ gateway, behind }: WireHost): [string, string | undefined][] {
  if (gateway === undefined && behind.length === 0) return []
  const addresses = gateway?.publicAddresses.map(({ address, seenAs }) =>
    seenAs === undefined ? address : `${address} (seen as ${seenAs})`,
  )
  return [
    ['Reached at', addresses?.join(', ')],
    ['Mapped ports', gateway === undefined ? undefined : `${gateway.mappedPorts.from}-${gateway.mappedPorts.to}`],
    ['Machines see', gateway === undefined ? undefined : gateway.snat ? 'the gateway' : 'the client'],
    ['Behind it', behind.map(({ name, addresses: at }) => `${name} (${at.join(', ')})`).join(', ') || 'nothing yet'],
  ]
}

function sayState({ name, state, unsupported, upgrade }: WireHost, screen: Screen): void {
  if (unsupported !== undefined) screen.say(`warning: it cannot be protected: ${unsupported.message}`)
  if (upgrade !== undefined) screen.say(`warning: ${upgrade}`)
  if (state === 'neverEnrolled' || state === 'revoked') screen.say(`To enrol it: sallyport host enroll ${name}`)
}

type Finding = WireHost['findings'][number]
const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const

const FINDINGS: readonly Column<Finding>[] = [
  { title: 'CHECK', text: ({ name }) => name },
  { title: 'STATUS', text: ({ status }) => status, colour: ({ status }) => COLOURS[status] },
  { title: 'WHAT', text: ({ text }) => text },
  { title: 'HOW TO MEND IT', text: ({ remedy }) => remedy ?? '' },
]
