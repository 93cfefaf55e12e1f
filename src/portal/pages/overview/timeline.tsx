/** Who had which door open when: a row per machine, a bar per window, as far as the reader zooms out. */
import { Button, Input, makeStyles, Subtitle1, Tab, TabList, Text, tokens } from '@fluentui/react-components'
import { ArrowDownloadRegular, ChevronLeftRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { useNow } from '../../parts/now.ts'
import { Empty, Loaded } from '../../parts/states.tsx'
import { Chart, type ChartFrame, type Zooming } from './chart.tsx'
import type { Span } from './lanes.ts'
import { overviewMessages } from './overview.messages.ts'
import { useRequestsOf } from './use-windows.ts'
import { localDay, saveWindows } from './save-windows.ts'
import { rowsOfWindows, windowsOf } from './windows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LENGTHS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const
export type Zoom = keyof typeof LENGTHS
/** From far to near. */
const ZOOMS: readonly Zoom[] = ['week', 'day', 'hour']

/** Machines drawn at first, and as many more each time. */
const A_DOZEN = 12

const useStyles = makeStyles({
  section: { display: 'grid', gap: tokens.spacingVerticalS, minWidth: 0 },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  title: { flex: '1 1 12rem' },
  foot: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
})

export function Timeline(): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const [zoom, setZoom] = useState<Zoom>('day')
  const [end, setEnd] = useState<number>()
  const [focused, setFocused] = useState<string>()
  const minute = useMinute()
  const formats = useFormats()
  const range = useMemo(() => rangeOf(zoom, end, minute), [zoom, end, minute])
  // Drawn behind what is pressed, so that the next press never waits for thousands of bars.
  const shown = useDeferredValue(useMemo(() => ({ zoom, range, isPast: end !== undefined }), [zoom, range, end]))
  const isAhead = (to: number, of: Zoom): boolean => to >= rangeOf(of, undefined, minute).to
  /** Around an instant; without one around what is shown, and now stays now. */
  const zoomTo = (next: Zoom, at = end === undefined ? Infinity : (range.from + range.to) / 2): void => {
    const to = at + LENGTHS[next] / 2
    setZoom(next)
    setEnd(isAhead(to, next) ? undefined : to)
  }
  const onZoom = ({ isCloser, at, window }: Zooming): void => {
    const next = ZOOMS[ZOOMS.indexOf(zoom) + (isCloser ? 1 : -1)]
    if (next === undefined) return
    setFocused(window)
    zoomTo(next, window === undefined ? at + LENGTHS[next] / 2 : at)
  }
  // Without it a picture that appears later would take the focus away from what was pressed.
  const moveTo = (to: number | undefined): void => {
    setFocused(undefined)
    setEnd(to)
  }
  return (
    <section aria-label={text.timeline} className={styles.section}>
      <div className={styles.head}>
        <Subtitle1 as="h2" className={styles.title}>
          {text.timeline}
        </Subtitle1>
        <TabList
          size="small"
          selectedValue={zoom}
          aria-label={text.zoom}
          onTabSelect={(_, { value }) => {
            setFocused(undefined)
            zoomTo(value as Zoom) // our own tabs
          }}
        >
          {Object.entries(text.zooms).map(([value, label]) => (
            <Tab key={value} value={value}>
              {label}
            </Tab>
          ))}
        </TabList>
        <Steps range={range} isNow={end === undefined} onEnd={(to) => moveTo(isAhead(to, zoom) ? undefined : to)} />
        <Input
          type="date"
          size="small"
          aria-label={text.onDay}
          max={localDay(minute)}
          value={end === undefined ? '' : localDay(range.from)}
          onChange={(_, { value }) => {
            setZoom('day')
            moveTo(endOfDay(value))
          }}
        />
      </div>
      <Text size={200}>{text.span(formats.moment(range.from), formats.end(range.from, range.to))}</Text>
      <Windows key={shown.zoom} {...shown} now={minute} focused={focused} onZoom={onZoom} />
    </section>
  )
}

/** Whole minutes: a second moves no bar that anybody could see. */
function useMinute(): number {
  return Math.ceil(useNow() / MINUTE) * MINUTE
}

/** Without an end it goes with the clock, a quarter ahead of now, so that what is open is seen to its end. */
function rangeOf(zoom: Zoom, end: number | undefined, now: number): Span {
  const length = LENGTHS[zoom]
  const to = end ?? now + length / 4
  return { from: to - length, to }
}

/** Of a day of the reader's calendar; of none, undefined. */
function endOfDay(date: string): number | undefined {
  const next = new Date(`${date}T00:00`)
  next.setDate(next.getDate() + 1)
  return Number.isNaN(next.getTime()) ? undefined : next.getTime()
}

interface StepsProps {
  readonly range: Span
  readonly isNow: boolean
  /** The new end; one to come is now. */
  readonly onEnd: (end: number) => void
}

function Steps({ range: { from, to }, isNow, onEnd }: StepsProps): ReactNode {
  const text = useText(overviewMessages)
  const half = (to - from) / 2
  return (
    <span>
      <Button
        appearance="subtle"
        icon={<ChevronLeftRegular />}
        aria-label={text.earlier}
        onClick={() => onEnd(to - half)}
      />
      <Button appearance="subtle" disabled={isNow} onClick={() => onEnd(Infinity)}>
        {text.now}
      </Button>
      <Button
        appearance="subtle"
        icon={<ChevronRightRegular />}
        aria-label={text.later}
        disabled={isNow}
        onClick={() => onEnd(to + half)}
      />
    </span>
  )
}

interface WindowsProps extends ChartFrame {
  readonly isPast: boolean
}

function Windows({ isPast, ...frame }: WindowsProps): ReactNode {
  const { range, now } = frame
  // Whole hours, so that a minute asks nothing anew; a window lasts a day at most.
  const since = new Date(Math.floor((range.from - 24 * HOUR) / HOUR) * HOUR).toISOString()
  const until = isPast ? new Date(Math.ceil(range.to / HOUR) * HOUR).toISOString() : undefined
  const { query, requests } = useRequestsOf({ since, until })
  const { past, live, isCut } = requests
  const rows = useMemo(() => rowsOfWindows(windowsOf(past, live, now), range), [past, live, now, range])
  return <Loaded query={query}>{() => <Rows rows={rows} isCut={isCut} {...frame} />}</Loaded>
}

interface RowsProps extends ChartFrame {
  readonly rows: ReturnType<typeof rowsOfWindows>
  readonly isCut: boolean
}

function Rows({ rows, isCut, ...frame }: RowsProps): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const formats = useFormats()
  const [most, setMost] = useState(A_DOZEN)
  const shown = useMemo(() => rows.slice(0, most), [rows, most])
  if (rows.length === 0) return <Empty title={text.nobody}>{text.nobodyHint}</Empty>
  return (
    <>
      <Chart rows={shown} {...frame} />
      <div className={styles.foot}>
        {rows.length > most ? (
          <Button size="small" onClick={() => setMost(most + A_DOZEN)}>
            {text.more(rows.length - most)}
          </Button>
        ) : null}
        <Button
          size="small"
          icon={<ArrowDownloadRegular />}
          onClick={() =>
            saveWindows(
              rows.flatMap(({ windows }) => windows),
              frame.range,
            )
          }
        >
          {text.csv}
        </Button>
        <Text size={200}>{text.zone(formats.zone)}</Text>
        {isCut ? <Text size={200}>{text.cut}</Text> : null}
      </div>
    </>
  )
}
