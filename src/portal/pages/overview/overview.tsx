/** The first page: what is open, what should not be, who had access when, and what happened last. */
import { Button, Card, makeStyles, mergeClasses, Subtitle1, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { useRequests, useServer } from '../../api/queries.ts'
import type { WireFindingList } from '../../../contract/finding.ts'
import type { WireMachineList } from '../../../contract/machine.ts'
import type { WirePostureList } from '../../../contract/posture.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { FirstMachines, hasNoMachines } from '../../parts/first-machines.tsx'
import { GrantTable, rowsOf } from '../../parts/grant-table.tsx'
import { useNow } from '../../parts/now.ts'
import { Page } from '../../parts/page.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { Findings, useFindings } from './findings.tsx'
import { overviewMessages } from './overview.messages.ts'
import { Timeline } from './timeline.tsx'

const useStyles = makeStyles({
  cards: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(8.5rem, 1fr))',
    gap: tokens.spacingHorizontalL,
  },
  number: {
    fontSize: tokens.fontSizeHero800,
    lineHeight: tokens.lineHeightHero800,
    fontWeight: tokens.fontWeightSemibold,
  },
  bad: { color: tokens.colorPaletteRedForeground1 },
  hint: { color: tokens.colorNeutralForeground2 },
  link: {
    display: 'grid',
    textDecorationLine: 'none',
    color: 'inherit',
    borderRadius: tokens.borderRadiusMedium,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
})

/** Closing takes a pass; what is open longer than this past its end is in need of a person. */
const OVERDUE_AFTER = 60_000

export default function Overview(): ReactNode {
  const text = useText(overviewMessages)
  const isEmpty = hasNoMachines(useFewMachines().data?.counts) === true
  return (
    <Page
      title={text.title}
      subtitle={text.subtitle}
      actions={
        <RouteLink href="/request" asChild>
          <Button as="a" appearance="primary">
            {text.request}
          </Button>
        </RouteLink>
      }
    >
      <Cards />
      {isEmpty ? (
        <Card>
          <FirstMachines />
        </Card>
      ) : null}
      <Card>
        <Timeline />
      </Card>
      <Findings isQuiet={isEmpty} />
      <Recent />
    </Page>
  )
}

/** How many there are of each kind. */
function useFewMachines() {
  return useServer<WireMachineList>('/api/v1/machines', { top: 1 })
}

function overdueIn({ value }: WireFindingList, now: number): number {
  const overdue = value.filter(({ kind, since = '' }) => kind === 'overdue' && isOverdue(since, now))
  return overdue.reduce((sum, { grants = 0 }) => sum + grants, 0)
}

function isOverdue(end: string, now: number): boolean {
  return Date.parse(end) < now - OVERDUE_AFTER
}

function Cards(): ReactNode {
  const styles = useStyles()
  const now = useNow()
  const machines = useFewMachines()
  const posture = useServer<WirePostureList>('/api/v1/posture', { top: 1 })
  const live = useRequests({ live: true, top: 1_000 })
  const findings = useFindings()
  const grants = live.data?.value.flatMap((request) => request.grants) ?? []
  const open = grants.filter(({ state }) => state === 'open' || state === 'closing')
  const seen = live.data && open.filter(({ until }) => isOverdue(until, now)).length
  // The server knows of all, and of hosts that keep their ends while nobody hears from them; not everybody may ask it.
  const overdue = findings.data === undefined ? findings.error && seen : overdueIn(findings.data, now)
  const exposed = posture.data === undefined ? undefined : (posture.data.counts.severity.High ?? 0)
  return (
    <div className={styles.cards}>
      <Figure name="protected" href="/machines" value={machines.data?.counts?.configured} />
      <Figure
        name="open"
        href="/machines"
        value={live.data === undefined ? undefined : open.length}
        isMore={live.data?.nextLink !== undefined}
      />
      <Figure name="overdue" href="/activity" value={overdue ?? undefined} isBad={(overdue ?? 0) > 0} />
      <Figure
        name="unprotected"
        href="/machines?tab=notConfigured&severity=High"
        value={exposed}
        isBad={exposed !== undefined && exposed > 0}
      />
    </div>
  )
}

interface FigureProps {
  readonly name: 'protected' | 'open' | 'overdue' | 'unprotected'
  readonly href: string
  /** Undefined while it is not known, or is not for this reader. */
  readonly value: number | undefined
  readonly isBad?: boolean
  /** There are more than were counted. */
  readonly isMore?: boolean
}

function Figure({ name, href, value, isBad = false, isMore = false }: FigureProps): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const formats = useFormats()
  const shown = value === undefined ? '–' : `${formats.number(value)}${isMore ? '+' : ''}`
  return (
    <RouteLink href={href} className={styles.link}>
      {/* Not a group of its own: its texts are the name of the link. */}
      <Card role="presentation">
        <Text>{text.cards[name]} </Text>
        <span className={mergeClasses(styles.number, isBad && styles.bad)}>{shown} </span>
        <Text size={200} className={styles.hint}>
          {text.hints[name]}
        </Text>
      </Card>
    </RouteLink>
  )
}

function Recent(): ReactNode {
  const text = useText(overviewMessages)
  const query = useRequests({ top: 10 })
  return (
    <Card>
      <Subtitle1 as="h2">{text.recent}</Subtitle1>
      <Loaded query={query}>
        {({ value }) =>
          value.length === 0 ? (
            <Empty title={text.nothing} />
          ) : (
            <GrantTable rows={rowsOf(value).slice(0, 10)} label={text.recent} />
          )
        }
      </Loaded>
      <RouteLink href="/activity" asChild>
        <Button as="a" appearance="transparent">
          {text.all}
        </Button>
      </RouteLink>
    </Card>
  )
}
