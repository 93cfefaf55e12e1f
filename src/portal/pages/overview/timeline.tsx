/** Who had which door open when: a row per machine, a bar per window, as far as the reader zooms out. */
import { Button, makeStyles, Subtitle1, Tab, TabList, Text, tokens } from '@fluentui/react-components'
import { ChevronLeftRegular, ChevronRightRegular } from '@fluentui/react-icons'
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { useNow } from '../../parts/now.ts'
import { Empty, Loaded } from '../../parts/states.tsx'
import { Chart } from './chart.tsx'
import type { Span } from './lanes.ts'
import { overviewMessages } from './overview.messages.ts'
import { useRequestsSince } from './use-windows.ts'
import { rowsOfWindows, windowsOf } from './windows.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const LENGTHS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR } as const
export type Zoom = keyof typeof LENGTHS

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
  const [back, setBack] = useState(0)
  const minute = useMinute()
  // Drawn behind what is pressed, so that the next press never waits for thousands of bars.
  const shown = useDeferredValue(useMemo(() => ({ zoom, range: rangeOf(zoom, back, minute) }), [zoom, back, minute]))
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
        <Steps back={back} onStep={setBack} />
      </div>
      <Windows key={shown.zoom} {...shown} now={minute} />
    </section>
  )
}

/** Whole minutes: a second moves no bar that anybody could see. */
function useMinute(): number {
  return Math.ceil(useNow() / MINUTE) * MINUTE
}

/** A quarter ahead of now, so that what is open is seen to its end. */
function rangeOf(zoom: Zoom, back: number, now: number): Span {
  const length = LENGTHS[zoom]
  const to = now + length / 4 - back * length
  return { from: to - length, to }
}

function Steps({ back, onStep }: { readonly back: number; readonly onStep: (back: number) => void }): ReactNode {
  const text = useText(overviewMessages)
  return (
    <span>
      <Button
        appearance="subtle"
        icon={<ChevronLeftRegular />}
        aria-label={text.earlier}
        onClick={() => onStep(back + 0.5)}
      />
      <Button appearance="subtle" disabled={back === 0} onClick={() => onStep(0)}>
        {text.now}
      </Button>
      <Button
        appearance="subtle"
        icon={<ChevronRightRegular />}
        aria-label={text.later}
        disabled={back === 0}
        onClick={() => onStep(Math.max(0, back - 0.5))}
      />
    </span>
  )
}

interface WindowsProps {
  readonly range: Span
  readonly zoom: Zoom
  readonly now: number
}

function Windows({ range, zoom, now }: WindowsProps): ReactNode {
  // Whole hours, so that a minute asks nothing anew; a window lasts a day at most.
  const since = new Date(Math.floor((range.from - 24 * HOUR) / HOUR) * HOUR).toISOString()
  const { query, requests } = useRequestsSince(since)
  const { past, live, isCut } = requests
  const rows = useMemo(() => rowsOfWindows(windowsOf(past, live, now), range), [past, live, now, range])
  return <Loaded query={query}>{() => <Rows rows={rows} range={range} zoom={zoom} now={now} isCut={isCut} />}</Loaded>
}

interface RowsProps extends WindowsProps {
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
        <Text size={200}>{text.zone(formats.zone)}</Text>
        {isCut ? <Text size={200}>{text.cut}</Text> : null}
      </div>
    </>
  )
}
