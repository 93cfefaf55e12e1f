/** Who had which door open when: a row per machine, a bar per window, as far as the reader zooms out. */
import {
  Button,
  Link,
  makeStyles,
  mergeClasses,
  Subtitle1,
  Tab,
  TabList,
  Text,
  tokens,
  Tooltip,
} from '@fluentui/react-components'
import { ChevronLeftRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { Link as RouteLink } from 'wouter'
import { useRequests } from '../../api/queries.ts'
import { nameOf, portText } from '../../api/names.ts'
import type { WireRequest } from '../../../contract/request.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { useNow } from '../../parts/now.ts'
import { Empty, Loaded } from '../../parts/states.tsx'
import { inLanes, placeIn, ticksOf, type Span } from './lanes.ts'
import { overviewMessages } from './overview.messages.ts'

const HOUR = 3_600_000
const LENGTHS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const
type Zoom = keyof typeof LENGTHS

/** Machines drawn; of the rest their number is said. */
const MOST_ROWS = 12

const useStyles = makeStyles({
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  title: { flex: '1 1 12rem' },
  chart: { display: 'grid', gridTemplateColumns: 'minmax(5rem, 11rem) minmax(0, 1fr)', rowGap: '2px' },
  name: {
    paddingInlineEnd: tokens.spacingHorizontalM,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    alignSelf: 'center',
  },
  track: {
    position: 'relative',
    backgroundColor: tokens.colorNeutralBackground3,
    borderRadius: tokens.borderRadiusSmall,
    overflow: 'hidden',
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  bar: {
    position: 'absolute',
    height: '18px',
    minWidth: '4px',
    boxSizing: 'border-box',
    borderRadius: tokens.borderRadiusSmall,
    backgroundColor: tokens.colorPaletteBlueBackground2,
    border: `1px solid ${tokens.colorPaletteBlueBorderActive}`,
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '1px' },
  },
  open: {
    backgroundColor: tokens.colorPaletteGreenBackground3,
    border: `1px solid ${tokens.colorPaletteGreenForeground1}`,
  },
  failed: {
    backgroundColor: tokens.colorPaletteRedBackground2,
    border: `1px solid ${tokens.colorPaletteRedBorderActive}`,
  },
  now: { position: 'absolute', insetBlock: 0, width: '2px', backgroundColor: tokens.colorPaletteRedBackground3 },
  axis: { position: 'relative', height: '1.5rem', overflow: 'hidden' },
  tick: {
    position: 'absolute',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    whiteSpace: 'nowrap',
    paddingInlineStart: '4px',
    borderLeft: `1px solid ${tokens.colorNeutralStroke1}`,
  },
})

export interface AccessWindow extends Span {
  readonly id: string
  readonly request: string
  readonly machine: string
  readonly port: string
  readonly who: string
  readonly look: 'open' | 'over' | 'failed'
}

function windowsOf(requests: readonly WireRequest[], now: number): AccessWindow[] {
  return requests.flatMap(({ id, requestor, grants }) =>
    grants.map((grant) => ({
      id: grant.id,
      request: id,
      machine: grant.machine,
      port: portText(grant),
      who: requestor,
      from: Date.parse(grant.openedAt ?? grant.from),
      to: grant.closedAt === undefined ? Math.max(Date.parse(grant.until), now) : Date.parse(grant.closedAt),
      look: grant.state === 'failed' ? 'failed' : grant.state === 'closed' ? 'over' : 'open',
    })),
  )
}

export function Timeline(): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const now = useNow()
  const [zoom, setZoom] = useState<Zoom>('day')
  const [back, setBack] = useState(0)
  const length = LENGTHS[zoom]
  // A quarter ahead of now, so that what is open is seen to its end; whole minutes, so that a second asks nothing anew.
  const to = Math.ceil(now / 60_000) * 60_000 + length / 4 - back * length
  const range = { from: to - length, to }
  const query = useRequests({
    since: new Date(range.from - 24 * HOUR).toISOString().slice(0, 14) + '00:00Z',
    top: 1_000,
  })
  return (
    <section aria-label={text.timeline}>
      <div className={styles.head}>
        <Subtitle1 as="h2" className={styles.title}>
          {text.timeline}
        </Subtitle1>
        <TabList
          size="small"
          selectedValue={zoom}
          aria-label={text.zoom}
          onTabSelect={(_, { value }) => {
            setZoom(value as Zoom) // our own tabs
            setBack(0)
          }}
        >
          {Object.entries(text.zooms).map(([value, label]) => (
            <Tab key={value} value={value}>
              {label}
            </Tab>
          ))}
        </TabList>
        <span>
          <Button
            appearance="subtle"
            icon={<ChevronLeftRegular />}
            aria-label={text.earlier}
            onClick={() => setBack(back + 0.5)}
          />
          <Button appearance="subtle" disabled={back === 0} onClick={() => setBack(0)}>
            {text.now}
          </Button>
          <Button
            appearance="subtle"
            icon={<ChevronRightRegular />}
            aria-label={text.later}
            disabled={back === 0}
            onClick={() => setBack(Math.max(0, back - 0.5))}
          />
        </span>
      </div>
      <Loaded query={query}>
        {({ value }) => (
          <Chart
            windows={windowsOf(value, now).filter((one) => one.to > range.from && one.from < range.to)}
            range={range}
            now={now}
            zoom={zoom}
          />
        )}
      </Loaded>
    </section>
  )
}

interface ChartProps {
  readonly windows: readonly AccessWindow[]
  readonly range: Span
  readonly now: number
  readonly zoom: Zoom
}

function Chart({ windows, range, now, zoom }: ChartProps): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const formats = useFormats()
  if (windows.length === 0) return <Empty title={text.nobody}>{text.nobodyHint}</Empty>
  const rows = [...Map.groupBy(windows, ({ machine }) => machine.toLowerCase()).values()]
  const tickText = zoom === 'week' ? formats.day : formats.clock
  return (
    <>
      <div className={styles.chart}>
        <span />
        <div className={styles.axis} aria-hidden>
          {ticksOf(range).map((at) => (
            <span
              key={at}
              className={styles.tick}
              style={{ insetInlineStart: `${placeIn(range, { from: at, to: at }).left}%` }}
            >
              {tickText(at)}
            </span>
          ))}
        </div>
        {rows.slice(0, MOST_ROWS).map((row) => (
          <Row key={row[0]?.machine} windows={row} range={range} now={now} />
        ))}
      </div>
      <Text size={200}>{rows.length > MOST_ROWS ? text.more(rows.length - MOST_ROWS) : text.timelineHint}</Text>
    </>
  )
}

function Row({ windows, range, now }: Omit<ChartProps, 'zoom'>): ReactNode {
  const styles = useStyles()
  const { laned, lanes } = inLanes(windows)
  const machine = windows[0]?.machine ?? ''
  return (
    <>
      <RouteLink href={`/machines?machine=${encodeURIComponent(machine)}`} asChild>
        <Link className={styles.name} title={machine}>
          {nameOf(machine)}
        </Link>
      </RouteLink>
      <ul className={styles.track} style={{ height: `${lanes * 22 + 4}px` }}>
        {laned.map(({ window, lane }) => (
          <Bar key={window.id} window={window} lane={lane} range={range} />
        ))}
        {now > range.from && now < range.to ? (
          <li
            aria-hidden
            className={styles.now}
            style={{ insetInlineStart: `${placeIn(range, { from: now, to: now }).left}%` }}
          />
        ) : null}
      </ul>
    </>
  )
}

function Bar({
  window,
  lane,
  range,
}: {
  readonly window: AccessWindow
  readonly lane: number
  readonly range: Span
}): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const formats = useFormats()
  const { left, width } = placeIn(range, window)
  const says = text.window(
    window.who,
    window.port,
    nameOf(window.machine),
    formats.moment(window.from),
    formats.moment(window.to),
  )
  return (
    <li>
      <Tooltip content={says} relationship="label">
        <RouteLink
          href={`/activity?request=${encodeURIComponent(window.request)}`}
          className={mergeClasses(
            styles.bar,
            window.look === 'open' && styles.open,
            window.look === 'failed' && styles.failed,
          )}
          style={{ insetInlineStart: `${left}%`, width: `${width}%`, top: `${lane * 22 + 4}px` }}
        />
      </Tooltip>
    </li>
  )
}
