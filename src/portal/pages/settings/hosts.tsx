/** The hosts that run the agent: who is connected, what each runs; enrol, label, cut off, remove. */
import { Badge, Button, Card, Link, makeStyles, Text, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { call } from '../../api/call.ts'
import { useHostScope, useLack, useMay, useMayAt } from '../../api/may.ts'
import { useChange, useServer } from '../../api/queries.ts'
import type { WireHost, WireHostList } from '../../../contract/host.ts'
import { pairsOf } from '../../../domain/policy/label-selector.ts'
import {
  DELETE_HOST,
  ENROLL_HOST,
  READ_HOST_LOGS,
  WRITE_HOST,
  type ActionChoice,
} from '../../../domain/roles/required-actions.ts'
import { useText } from '../../language.tsx'
import { Ago } from '../../parts/ago.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { doneMessages } from '../../parts/words/done.messages.ts'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { CheckText, useCheckText } from '../../parts/words/check-text.tsx'
import { Problem } from '../../parts/problem.tsx'
import { Reason } from '../../parts/words/reason.tsx'
import { RowMenu, type RowDeed } from '../../parts/row-menu.tsx'
import { useSettled } from '../../parts/settled.ts'
import { SearchField } from '../../parts/search-field.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { machineUrl } from '../policy/policy-url.ts'
import { MachinesBehind } from './behind.tsx'
import { EditLabels } from './edit-labels.tsx'
import { EnrollHost } from './enroll-host.tsx'
import { HostLog } from './host-log.tsx'
import { HOSTS, hostPath } from './host-path.ts'
import { hostMessages } from './hosts.messages.ts'

const MOST_SHOWN = 200

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  search: { flex: '1 1 14rem', maxWidth: '30rem' },
  small: { display: 'block' },
  problem: { display: 'block', color: tokens.colorPaletteRedForeground1 },
  labels: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS },
})

/** What is done in a dialog, and with which host; undefined for one that is new. */
type Doing = { readonly what: 'enroll'; readonly host: WireHost | undefined } | Known
interface Known {
  readonly what: 'labels' | 'log' | 'behind'
  readonly host: WireHost
}

export function Hosts(): ReactNode {
  const styles = useStyles()
  const text = useText(hostMessages)
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim())
  const list = useServer<WireHostList>(HOSTS, { top: MOST_SHOWN, ...(search === '' ? {} : { search }) })
  const [doing, setDoing] = useState<Doing>()
  const may = useMay(useHostScope())
  return (
    <>
      <div className={styles.bar}>
        <SearchField className={styles.search} label={text.search} value={typed} onType={setTyped} />
        {may(ENROLL_HOST) && may(WRITE_HOST) ? (
          <Button
            appearance="primary"
            icon={<AddRegular />}
            onClick={() => setDoing({ what: 'enroll', host: undefined })}
          >
            {text.enroll}
          </Button>
        ) : null}
      </div>
      <Loaded query={list}>
        {({ value, nextLink }) =>
          value.length === 0 ? (
            <Empty title={search === '' ? text.noHosts : text.nothingFound}>
              {search === '' ? text.noHostsHint : undefined}
            </Empty>
          ) : (
            <Card>
              <HostTable rows={value} onDo={setDoing} />
              {nextLink === undefined ? null : <Text>{text.more(MOST_SHOWN)}</Text>}
            </Card>
          )
        }
      </Loaded>
      <Dialogs doing={doing} onClose={() => setDoing(undefined)} />
    </>
  )
}

function Dialogs({ doing, onClose }: { readonly doing: Doing | undefined; readonly onClose: () => void }): ReactNode {
  switch (doing?.what) {
    case undefined:
      return null
    case 'enroll':
      return <EnrollHost host={doing.host} onClose={onClose} />
    case 'labels':
      return <EditLabels name={doing.host.name} onClose={onClose} />
    case 'behind':
      return <MachinesBehind name={doing.host.name} onClose={onClose} />
    case 'log':
      return <HostLog name={doing.host.name} onClose={onClose} />
  }
}

function HostTable({
  rows,
  onDo,
}: {
  readonly rows: readonly WireHost[]
  readonly onDo: (doing: Doing) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(hostMessages)
  const done = useText(doneMessages)
  const mayAt = useMayAtHosts(rows)
  const [question, setQuestion] = useState<Question>()
  const revoke = useChange(
    ({ name }: WireHost) => call(`${hostPath(name)}/revoke`, { method: 'POST' }),
    (_, { name }) => done.cutOff(name),
  )
  const remove = useChange(
    ({ name }: WireHost) => call(hostPath(name), { method: 'DELETE' }),
    (_, { name }) => done.removed(name),
  )
  const ask = (host: WireHost, deed: 'revoke' | 'remove') => () =>
    setQuestion({
      title: text.questions[deed](host.name),
      text: text.consequences[deed],
      deed: text.deeds[deed],
      act: () => (deed === 'revoke' ? revoke : remove).mutate(host),
    })
  const deedsFor = (host: WireHost): RowDeed[] => {
    const may = (anyOf: ActionChoice): boolean => mayAt(host, anyOf)
    return [
      ...(may(ENROLL_HOST) ? [{ label: text.deeds.again, act: () => onDo({ what: 'enroll', host }) }] : []),
      ...(may(WRITE_HOST) && host.kind === 'gateway'
        ? [{ label: text.deeds.behind, act: () => onDo({ what: 'behind', host }) }]
        : []),
      ...(may(WRITE_HOST) ? [{ label: text.deeds.labels, act: () => onDo({ what: 'labels', host }) }] : []),
      ...(may(READ_HOST_LOGS) && host.state === 'connected'
        ? [{ label: text.deeds.log, act: () => onDo({ what: 'log', host }) }]
        : []),
      ...(may(ENROLL_HOST) && host.state !== 'revoked' && host.generation > 0
        ? [{ label: text.deeds.revoke, act: ask(host, 'revoke') }]
        : []),
      ...(may(DELETE_HOST) ? [{ label: text.deeds.remove, act: ask(host, 'remove') }] : []),
    ]
  }
  const columns: readonly Column<WireHost>[] = [
    {
      id: 'name',
      title: text.name,
      cell: ({ id, name, kind }) => (
        <RouteLink href={machineUrl(id)} asChild>
          <Link title={id}>{kind === 'gateway' ? text.gatewayCalled(name) : name}</Link>
        </RouteLink>
      ),
    },
    { id: 'state', title: text.state, width: 16, cell: (host) => <State host={host} /> },
    { id: 'runs', title: text.runs, cell: (host) => <Runs host={host} /> },
    {
      id: 'labels',
      title: text.labels,
      cell: ({ labels }) =>
        pairsOf(labels).length === 0 ? (
          '–'
        ) : (
          <span className={styles.labels}>
            {pairsOf(labels).map((pair) => (
              <Badge key={pair} appearance="outline">
                {pair}
              </Badge>
            ))}
          </span>
        ),
    },
    {
      id: 'addresses',
      title: text.addresses,
      cell: ({ addresses }) => (addresses.length === 0 ? '–' : addresses.join(', ')),
    },
    {
      id: 'actions',
      title: text.actions,
      width: 5,
      cell: (host) => <RowMenu label={text.actionsOf(host.name)} deeds={deedsFor(host)} />,
    },
  ]
  return (
    <>
      <Problem error={revoke.error ?? remove.error} />
      <DataTable label={text.hosts} columns={columns} rows={rows} keyOf={({ id }) => id} />
      <Confirm question={question} onClose={() => setQuestion(undefined)} />
    </>
  )
}

const DEEDS = [ENROLL_HOST, WRITE_HOST, DELETE_HOST, READ_HOST_LOGS] as const

/** Whoever may do everything where hosts are may at each; of others it is asked host by host. */
function useMayAtHosts(hosts: readonly WireHost[]): (host: WireHost, anyOf: ActionChoice) => boolean {
  const scope = useHostScope()
  const lack = useLack(DEEDS.map((anyOf) => ({ anyOf, scope })))
  const may = useMayAt(typeof lack === 'object' ? hosts.map(({ id }) => id) : [])
  return ({ id }, anyOf) => lack === 'nothing' || may(id, anyOf)
}

const COLOURS = {
  neverEnrolled: 'informative',
  enrolled: 'warning',
  connected: 'success',
  unreachable: 'danger',
  revoked: 'severe',
} as const

/** How it stands, since when nobody hears from it, and what its agent wants a person to know. */
function State({ host }: { readonly host: WireHost }): ReactNode {
  const styles = useStyles()
  const text = useText(hostMessages)
  const { state, unreachableSince, revokedBecause, unsupported, findings } = host
  const wrong = findings.filter(({ status }) => status !== 'ok')
  return (
    <>
      <Badge appearance="tint" color={COLOURS[state]}>
        {text.states[state]}
      </Badge>
      {unreachableSince === undefined ? null : (
        <Text size={200} className={styles.small}>
          {text.lost} <Ago at={unreachableSince} />
        </Text>
      )}
      {revokedBecause === 'cloned' ? (
        <Text size={200} className={styles.problem}>
          {text.cloned}
        </Text>
      ) : null}
      {unsupported === undefined || state === 'neverEnrolled' || state === 'revoked' ? null : (
        <Text size={200} className={styles.problem}>
          <Reason said={unsupported} />
        </Text>
      )}
      {wrong.map(({ name, text: found, because, remedy, remedyBecause }) => (
        <Text key={`${name} ${found}`} size={200} className={styles.small}>
          <CheckText text={found} because={because} />
          {remedy === undefined ? null : (
            <>
              {' → '}
              <CheckText text={remedy} because={remedyBecause} />
            </>
          )}
        </Text>
      ))}
    </>
  )
}

/** Its system, and the agent, with a hint where the server has another version. */
function Runs({ host: { system, agentVersion, upgrade, upgradeBecause } }: { readonly host: WireHost }): ReactNode {
  const checkText = useCheckText()
  const styles = useStyles()
  const text = useText(hostMessages)
  if (agentVersion === undefined) return '–'
  return (
    <>
      {text.agent(agentVersion)}{' '}
      {upgrade === undefined ? null : (
        <Badge appearance="tint" color="warning" title={checkText({ text: upgrade, because: upgradeBecause })}>
          {text.upgrade}
        </Badge>
      )}
      {system === undefined ? null : (
        <Text size={200} className={styles.small}>
          {system}
        </Text>
      )}
    </>
  )
}
