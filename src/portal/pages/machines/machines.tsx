/** The machines, in the original's three tabs: configured, not configured, unsupported; searched and paged by the server. */
import { Button, Card, makeStyles, Select, Tab, TabList, Text, tokens } from '@fluentui/react-components'
import { ChevronLeftRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { useMutation } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Link as RouteLink, useLocation, useSearch } from 'wouter'
import { call } from '../../api/call.ts'
import { useHostScope, useMay } from '../../api/may.ts'
import { useServer } from '../../api/queries.ts'
import type { WireMachineList } from '../../../contract/machine.ts'
import { SEVERITIES, UNSUPPORTED, type Category } from '../../../domain/posture.ts'
import { WRITE_POLICY } from '../../../domain/roles/required-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { FirstMachines, hasNoMachines } from '../../parts/first-machines.tsx'
import { Page } from '../../parts/page.tsx'
import { useSettled } from '../../parts/settled.ts'
import { SearchField } from '../../parts/search-field.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { labelsUrl, policyUrl } from '../policy/policy-url.ts'
import { MachineTable } from './machine-table.tsx'
import { A_PAGE, machineFilterFrom, machineQueryOf, machineSearchOf, type MachineFilter } from './machine-filter.ts'
import { machinesMessages } from './machines.messages.ts'

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalM, alignItems: 'center' },
  search: { flex: '1 1 14rem', maxWidth: '30rem' },
  tabs: { flexWrap: 'wrap' },
  pager: { display: 'flex', alignItems: 'center', justifyContent: 'end', gap: tokens.spacingHorizontalS },
})

export default function Machines(): ReactNode {
  const text = useText(machinesMessages)
  const [, navigate] = useLocation()
  const filter = machineFilterFrom(useSearch())
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  // The address follows every key, the server is asked when the typing pauses.
  const search = useSettled(filter.search)
  const machines = useServer<WireMachineList>('/api/v1/machines', machineQueryOf({ ...filter, search }))
  const change = (next: Partial<MachineFilter>): void =>
    navigate(`/machines?${machineSearchOf({ ...filter, page: 0, ...next })}`, { replace: true })
  return (
    <Page
      title={text.title}
      subtitle={text.subtitle}
      actions={
        <>
          <ByLabels />
          <Selected filter={filter} selected={selected} total={machines.data?.total ?? 0} onSelect={setSelected} />
        </>
      }
    >
      <Tabs
        filter={filter}
        counts={machines.data?.counts}
        onChoose={(category) => {
          setSelected(new Set())
          change({ category, severity: '', why: '', sort: '', descending: false })
        }}
      />
      <Filters filter={filter} onChange={change} />
      <Loaded query={machines}>
        {({ value, counts, total = value.length }) =>
          value.length === 0 && hasNoMachines(counts) === true ? (
            <FirstMachines />
          ) : value.length === 0 ? (
            <Empty
              title={isNarrowed(filter) ? text.nothingFound : text.empty[filter.category]}
              action={
                filter.category !== 'configured' || isNarrowed(filter) || (counts?.notConfigured ?? 0) === 0 ? null : (
                  <RouteLink href="/machines?tab=notConfigured" asChild>
                    <Button as="a" appearance="primary">
                      {text.seeNotConfigured}
                    </Button>
                  </RouteLink>
                )
              }
            />
          ) : (
            <Card>
              <MachineTable
                rows={value}
                filter={filter}
                selected={selected}
                onSelect={setSelected}
                onSort={(by) => change({ sort: by, descending: filter.sort === by && !filter.descending })}
              />
              <Pager filter={filter} total={total} shown={value.length} onPage={(page) => change({ page })} />
            </Card>
          )
        }
      </Loaded>
    </Page>
  )
}

/** For who may write policies where the hosts are: only hosts have labels. */
function ByLabels(): ReactNode {
  const text = useText(machinesMessages)
  const may = useMay(useHostScope())
  if (!may(WRITE_POLICY)) return null
  return (
    <RouteLink href={labelsUrl()} asChild>
      <Button as="a">{text.byLabels}</Button>
    </RouteLink>
  )
}

function isNarrowed({ search, os, severity, why }: MachineFilter): boolean {
  return [search, os, severity, why].some((value) => value !== '')
}

/** Kept over pages and searches, until another tab is opened. */
function Selected({
  filter,
  selected,
  total,
  onSelect,
}: {
  readonly filter: MachineFilter
  readonly selected: ReadonlySet<string>
  readonly total: number
  readonly onSelect: (selected: ReadonlySet<string>) => void
}): ReactNode {
  const text = useText(machinesMessages)
  if (filter.category === 'unsupported' || selected.size === 0) return null
  const label = filter.category === 'configured' ? text.editMany(selected.size) : text.enable(selected.size)
  return (
    <>
      <SelectFound filter={filter} selected={selected} total={total} onSelect={onSelect} />
      <Button appearance="subtle" onClick={() => onSelect(new Set())}>
        {text.unselect}
      </Button>
      <RouteLink href={policyUrl([])} state={{ machines: [...selected] }} asChild>
        <Button as="a" appearance="primary">
          {label}
        </Button>
      </RouteLink>
    </>
  )
}

/** One policy is written for all of them, and people look at its plan first. */
const MOST_SELECTED = 1_000

/** Everything that was found, over all its pages. */
function SelectFound({
  filter,
  selected,
  total,
  onSelect,
}: {
  readonly filter: MachineFilter
  readonly selected: ReadonlySet<string>
  readonly total: number
  readonly onSelect: (selected: ReadonlySet<string>) => void
}): ReactNode {
  const text = useText(machinesMessages)
  const formats = useFormats()
  const found = useMutation({
    mutationFn: () => {
      const query = { ...machineQueryOf({ ...filter, page: 0 }), top: MOST_SELECTED }
      return call<WireMachineList>('/api/v1/machines', { query })
    },
    onSuccess: ({ value }) => onSelect(new Set(value.map(({ id }) => id))),
  })
  const count = Math.min(total, MOST_SELECTED)
  if (selected.size >= count) return null
  return (
    <Button appearance="subtle" disabled={found.isPending} onClick={() => found.mutate()}>
      {text.selectFound(formats.number(count), count < total ? formats.number(total) : undefined)}
    </Button>
  )
}

function Tabs({
  filter,
  counts,
  onChoose,
}: {
  readonly filter: MachineFilter
  readonly counts: WireMachineList['counts']
  readonly onChoose: (category: Category) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(machinesMessages)
  const formats = useFormats()
  return (
    <TabList
      className={styles.tabs}
      selectedValue={filter.category}
      onTabSelect={(_, { value }) => onChoose(value as Category)}
    >
      {Object.entries(text.tabs).map(([value, label]) => (
        <Tab key={value} value={value}>
          {label}
          {counts === undefined ? '' : ` (${formats.number(counts[value as Category])})`}
        </Tab>
      ))}
    </TabList>
  )
}

function Filters({
  filter,
  onChange,
}: {
  readonly filter: MachineFilter
  readonly onChange: (next: Partial<MachineFilter>) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(machinesMessages)
  return (
    <div className={styles.bar} role="search">
      <SearchField
        className={styles.search}
        label={text.search}
        value={filter.search}
        onType={(search) => onChange({ search })}
      />
      <Choice
        label={text.os}
        any={text.anyOs}
        value={filter.os}
        options={{ Linux: 'Linux', Windows: 'Windows' }}
        onChoose={(os) => onChange({ os })}
      />
      {filter.category === 'unsupported' ? (
        <Choice
          label={text.why}
          any={text.anyWhy}
          value={filter.why}
          options={pick(text.whys, UNSUPPORTED)}
          onChoose={(why) => onChange({ why })}
        />
      ) : (
        <Choice
          label={text.severity}
          any={text.anySeverity}
          value={filter.severity}
          options={pick(text.severities, SEVERITIES)}
          onChoose={(severity) => onChange({ severity })}
        />
      )}
    </div>
  )
}

function pick<K extends string>(words: Readonly<Record<K, string>>, names: readonly K[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, words[name]]))
}

function Choice({
  label,
  any,
  value,
  options,
  onChoose,
}: {
  readonly label: string
  readonly any: string
  readonly value: string
  readonly options: Readonly<Record<string, string>>
  readonly onChoose: (value: string) => void
}): ReactNode {
  return (
    <Select aria-label={label} value={value} onChange={(_, { value: chosen }) => onChoose(chosen)}>
      <option value="">{any}</option>
      {Object.entries(options).map(([name, shown]) => (
        <option key={name} value={name}>
          {shown}
        </option>
      ))}
    </Select>
  )
}

function Pager({
  filter: { page },
  total,
  shown,
  onPage,
}: {
  readonly filter: MachineFilter
  readonly total: number
  readonly shown: number
  readonly onPage: (page: number) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(machinesMessages)
  const formats = useFormats()
  const from = page * A_PAGE + 1
  return (
    <div className={styles.pager}>
      <Text>{text.range(formats.number(from), formats.number(from + shown - 1), formats.number(total))}</Text>
      <Button
        appearance="subtle"
        icon={<ChevronLeftRegular />}
        aria-label={text.previous}
        disabled={page === 0}
        onClick={() => onPage(page - 1)}
      />
      <Button
        appearance="subtle"
        icon={<ChevronRightRegular />}
        aria-label={text.next}
        disabled={(page + 1) * A_PAGE >= total}
        onClick={() => onPage(page + 1)}
      />
    </div>
  )
}
