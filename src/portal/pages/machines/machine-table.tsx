/** The columns of each tab, as the original documents them. */
import {
  Badge,
  Button,
  Link,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  tokens,
} from '@fluentui/react-components'
import { CloudRegular, DesktopRegular, MoreHorizontalRegular, ShieldRegular, FireRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { Link as RouteLink, useLocation } from 'wouter'
import { machineNamed } from '../../api/machines.ts'
import { needsAt, useLack } from '../../api/may.ts'
import { groupOf } from '../../api/names.ts'
import type { WireMachine } from '../../../contract/machine.ts'
import type { Severity } from '../../../domain/posture.ts'
import { READ_ACTIVITY } from '../../../domain/roles/required-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { useNow } from '../../parts/now.ts'
import { MachineReason, useMachineReason } from '../../parts/words/reason.tsx'
import { machineUrl, policyUrl, unprotectUrl } from '../policy/policy-url.ts'
import { requestUrl } from '../request/request-url.ts'
import type { MachineFilter } from './machine-filter.ts'
import { machinesMessages } from './machines.messages.ts'

const useStyles = makeStyles({
  line: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalXS },
})

export function MachineTable({
  rows,
  filter,
  selected,
  onSelect,
  onSort,
}: {
  readonly rows: readonly WireMachine[]
  readonly filter: MachineFilter
  readonly selected: ReadonlySet<string>
  readonly onSelect: (selected: ReadonlySet<string>) => void
  readonly onSort: (by: string) => void
}): ReactNode {
  const text = useText(machinesMessages)
  return (
    <DataTable
      label={text.tabs[filter.category]}
      columns={useColumns(filter)}
      rows={rows}
      keyOf={({ id }) => id}
      sorting={{
        by: filter.sort === '' ? 'name' : filter.sort,
        direction: filter.descending ? 'descending' : 'ascending',
      }}
      onSort={onSort}
      selecting={
        filter.category === 'unsupported'
          ? undefined
          : {
              selected,
              select: onSelect,
              all: text.selectAll,
              one: (id) => text.selectOne(machineNamed(rows, id)?.name ?? ''),
            }
      }
    />
  )
}

function useColumns({ category }: MachineFilter): readonly Column<WireMachine>[] {
  const text = useText(machinesMessages)
  const name: Column<WireMachine> = {
    id: 'name',
    title: text.name,
    isSortable: true,
    ...(category === 'configured' ? {} : { width: 10 }),
    cell: (machine) => <NameCell machine={machine} />,
  }
  const group: Column<WireMachine> = {
    id: 'resourceGroup',
    title: text.group,
    width: 8,
    isSortable: true,
    cell: ({ id }) => groupOf(id),
  }
  const actions: Column<WireMachine> = {
    id: 'actions',
    title: text.actions,
    width: 6,
    cell: (machine) => <Actions machine={machine} isGuarded={category === 'configured'} />,
  }
  if (category === 'configured') {
    return [
      name,
      { id: 'requests', title: text.requests, width: 7, cell: ({ use }) => <Count value={use?.requests ?? 0} /> },
      { id: 'last', title: text.last, cell: ({ use }) => <LastAccess use={use} /> },
      { id: 'connection', title: text.connection, width: 10.5, cell: (machine) => <Connection machine={machine} /> },
      { id: 'lastUser', title: text.lastUser, cell: ({ use }) => use?.lastUser ?? '–' },
      {
        id: 'severity',
        title: text.severity,
        width: 6,
        isSortable: true,
        cell: (machine) => <SeverityBadge machine={machine} />,
      },
      actions,
    ]
  }
  const location: Column<WireMachine> = {
    id: 'location',
    title: text.location,
    width: 7,
    isSortable: true,
    cell: (machine) => machine.location,
  }
  const reason: Column<WireMachine> = {
    id: 'reason',
    title: text.reason,
    least: 15,
    cell: (machine) => <MachineReason {...machine} />,
  }
  if (category === 'notConfigured') {
    const severity: Column<WireMachine> = {
      id: 'severity',
      title: text.severity,
      width: 5.5,
      isSortable: true,
      cell: (machine) => <SeverityBadge machine={machine} />,
    }
    return [name, group, location, severity, reason, actions]
  }
  const why: Column<WireMachine> = {
    id: 'why',
    title: text.why,
    width: 11,
    cell: ({ posture }) => (posture?.why === undefined ? '–' : text.whys[posture.why]),
  }
  return [name, group, location, why, reason]
}

function NameCell({ machine }: { readonly machine: WireMachine }): ReactNode {
  return (
    <RouteLink href={machineUrl(machine.id)} asChild>
      <Link title={machine.id}>{machine.name}</Link>
    </RouteLink>
  )
}

function Count({ value }: { readonly value: number }): ReactNode {
  return useFormats().number(value)
}

function LastAccess({ use }: Pick<WireMachine, 'use'>): ReactNode {
  const text = useText(machinesMessages)
  const formats = useFormats()
  const now = useNow()
  if (use?.lastAt === undefined) return text.never
  const at = Date.parse(use.lastAt)
  return (
    <time dateTime={use.lastAt} title={formats.full(at)}>
      {formats.relative(at, now)}
    </time>
  )
}

/** What stands before it, and whether somebody is in. */
function Connection({ machine: { points, grants } }: { readonly machine: WireMachine }): ReactNode {
  const styles = useStyles()
  const text = useText(machinesMessages)
  const open = grants.filter(({ state }) => state === 'open')
  const formats = useFormats()
  const detail = open.map(({ port, sources }) => formats.named(String(port), sources.join(', '))).join('\n')
  return (
    <span className={styles.line} title={detail === '' ? undefined : detail}>
      {iconOf(points[0])}
      {open.length === 0 ? text.closed : text.open(open.length)}
    </span>
  )
}

function iconOf(point = ''): ReactNode {
  if (/azurefirewalls/i.test(point)) return <FireRegular aria-hidden />
  if (point.startsWith('aws:')) return <CloudRegular aria-hidden />
  return point.startsWith('nftables:') || point.startsWith('host:') ? (
    <DesktopRegular aria-hidden />
  ) : (
    <ShieldRegular aria-hidden />
  )
}

const COLOURS: Readonly<Record<Severity, 'danger' | 'warning' | 'success'>> = {
  High: 'danger',
  Low: 'warning',
  Healthy: 'success',
}

function SeverityBadge({ machine: { posture } }: { readonly machine: WireMachine }): ReactNode {
  const text = useText(machinesMessages)
  const machineReason = useMachineReason()
  if (posture?.severity === undefined) return '–'
  return (
    <Badge appearance="tint" color={COLOURS[posture.severity]} title={machineReason(posture).text}>
      {text.severities[posture.severity]}
    </Badge>
  )
}

interface Acted {
  readonly machine: WireMachine
  /** By whatever policy, one that the reader may not see too. */
  readonly isGuarded: boolean
}

function Actions({ machine, isGuarded }: Acted): ReactNode {
  const text = useText(machinesMessages)
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          size="small"
          appearance="subtle"
          icon={<MoreHorizontalRegular />}
          aria-label={text.actionsOf(machine.name)}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <Items machine={machine} isGuarded={isGuarded} />
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}

/** Asks what the reader may do here when the menu is opened: a page of machines would ask fifty times. */
function Items({ machine, isGuarded }: Acted): ReactNode {
  const text = useText(machinesMessages)
  const { id, name } = machine
  const request = useLack(needsAt('request', [machine]))
  const configure = useLack(needsAt('configure', [machine]))
  const read = useLack([{ anyOf: READ_ACTIVITY, scope: id }])
  return (
    <>
      {isGuarded ? <Item label={text.request} href={requestUrl({ machines: [id] })} lack={request} /> : null}
      <Item label={isGuarded ? text.edit : text.enableOne(name)} href={policyUrl([id])} lack={configure} />
      {isGuarded ? <Item label={text.unprotect} href={unprotectUrl(id)} lack={configure} /> : null}
      <Item label={text.log} href={`/activity?${new URLSearchParams({ machine: id }).toString()}`} lack={read} />
    </>
  )
}

/**
 * One element whatever is known: what the keyboard stands on must not go away when the answer comes. Until it has, the way is
 * open, for a key that is pressed meanwhile would be lost without a word; the page that it leads to says what is lacking.
 */
function Item({
  label,
  href,
  lack,
}: {
  readonly label: string
  readonly href: string
  readonly lack: ReturnType<typeof useLack>
}): ReactNode {
  const [, navigate] = useLocation()
  return (
    <MenuItem
      disabled={lack !== undefined && lack !== 'nothing'}
      onClick={() => navigate(href)}
      {...(lack === undefined || lack === 'nothing' ? {} : { subText: <Lacks lack={lack} /> })}
    >
      {label}
    </MenuItem>
  )
}
