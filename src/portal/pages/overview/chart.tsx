/**
 * The picture of the windows. Thousands are plain links, drawn once a minute; what is pointed at or focused is said in one
 * place below. Each row is one stop of the tab key, the arrows go from window to window; plus and minus look closer and from
 * further away, as does a click on the axis.
 */
import { Link, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components'
import {
  memo,
  useEffect,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
} from 'react'
import { Link as RouteLink, useLocation } from 'wouter'
import { useMachineNames } from '../../api/machines.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { inLanes, placeIn, ticksOf, type Span } from './lanes.ts'
import { overviewMessages } from './overview.messages.ts'
import type { Zoom } from './timeline.tsx'
import type { AccessWindow, MachineWindows } from './windows.ts'

/** As tall as a row gets, however many were open at once. */
const TALLEST = 110
const LANE = 22
const THINNEST = 3
/** In pixels and in percent: what is smaller has no room for a name. */
const ROOM_FOR_A_NAME = { height: 16, width: 5 }
/** In percent: further to the right the words of the axis would be cut off. */
const LAST_WORDS: Readonly<Record<Zoom, number>> = { hour: 91, day: 91, week: 84 }

const useStyles = makeStyles({
  chart: { display: 'grid', gridTemplateColumns: 'minmax(4rem, min(11rem, 25%)) minmax(0, 1fr)', rowGap: '3px' },
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
    minWidth: '4px',
    boxSizing: 'border-box',
    textDecorationLine: 'none',
    borderRadius: tokens.borderRadiusSmall,
    ':hover': { filter: 'brightness(0.85)' },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-1px', zIndex: 1 },
  },
  over: {
    backgroundColor: tokens.colorPaletteBlueBackground2,
    border: `1px solid ${tokens.colorPaletteBlueBorderActive}`,
    color: tokens.colorPaletteBlueForeground2,
  },
  open: {
    backgroundColor: tokens.colorPaletteGreenBackground3,
    border: `1px solid ${tokens.colorPaletteGreenForeground1}`,
    color: tokens.colorNeutralForegroundOnBrand,
  },
  failed: {
    backgroundColor: tokens.colorPaletteRedBackground2,
    border: `1px solid ${tokens.colorPaletteRedBorderActive}`,
    color: tokens.colorPaletteRedForeground2,
  },
  who: {
    display: 'block',
    paddingInline: '4px',
    fontSize: tokens.fontSizeBase200,
    lineHeight: '16px',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
    // What is pointed at is the window.
    pointerEvents: 'none',
    '@media (max-width: 40rem)': { display: 'none' },
  },
  now: { position: 'absolute', insetBlock: 0, width: '2px', backgroundColor: tokens.colorNeutralForeground1 },
  grid: { position: 'absolute', insetBlock: 0, width: '1px', backgroundColor: tokens.colorNeutralStroke2 },
  axis: { position: 'relative', height: '1.5rem', overflow: 'hidden' },
  tick: {
    position: 'absolute',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    whiteSpace: 'nowrap',
    paddingInlineStart: '4px',
    borderLeft: `1px solid ${tokens.colorNeutralStroke1}`,
    // Where all do not fit, a few are enough.
    '@media (max-width: 40rem)': { ':not(:nth-child(4n + 1))': { display: 'none' } },
  },
  toCloser: {
    cursor: 'pointer',
    ':hover': { color: tokens.colorBrandForegroundLink, textDecorationLine: 'underline' },
  },
  legend: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalM,
    alignItems: 'center',
    minHeight: '2.5rem',
    // Within sight of whatever is pointed at.
    position: 'sticky',
    bottom: 0,
    backgroundColor: tokens.colorNeutralBackground1,
  },
  sample: { display: 'inline-block', width: '1.25rem', height: '0.75rem', marginInlineEnd: tokens.spacingHorizontalXS },
  nowSample: {
    display: 'inline-block',
    width: '2px',
    height: '0.75rem',
    marginInlineEnd: tokens.spacingHorizontalXS,
    backgroundColor: tokens.colorNeutralForeground1,
  },
})

export interface Zooming {
  readonly isCloser: boolean
  /** The middle of what is looked at closer; of the axis where it begins. */
  readonly at: number
  /** The one that keeps the focus; without it the axis was clicked. */
  readonly window?: string
}

export interface ChartFrame {
  readonly range: Span
  readonly now: number
  readonly zoom: Zoom
  /** The window that has the focus when the picture appears. */
  readonly focused: string | undefined
  readonly onZoom: (zooming: Zooming) => void
}

interface ChartProps extends ChartFrame {
  readonly rows: readonly MachineWindows[]
}

export function Chart({ rows, range, now, zoom, focused, onZoom }: ChartProps): ReactNode {
  const styles = useStyles()
  const chart = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (focused === undefined) return
    const link = linksIn(chart.current).find(({ dataset }) => dataset['window'] === focused)
    link?.focus()
  }, [focused])
  const called = useMachineNames(rows.map(({ machine }) => machine))
  const [said, setSaid] = useState<string>()
  const [, navigate] = useLocation()
  const say = ({ target }: { readonly target: EventTarget }): void =>
    setSaid(target instanceof HTMLAnchorElement ? (target.ariaLabel ?? undefined) : undefined)
  return (
    <>
      {/* What is here are links; the frame hears of them all at once, because there may be thousands. */}
      <div
        ref={chart}
        className={styles.chart}
        onPointerOver={say}
        onPointerLeave={() => setSaid(undefined)}
        onFocus={say}
        onKeyDown={(event) => {
          goOn(event)
          const zooming = zoomingOf(event, rows, range)
          if (zooming !== undefined) onZoom(zooming)
        }}
        onClick={(event) => {
          const { target } = event
          const at = target instanceof HTMLElement ? target.dataset['at'] : undefined
          if (at !== undefined) onZoom({ isCloser: true, at: Number(at) })
          if (!(target instanceof HTMLAnchorElement) || target.dataset['window'] === undefined) return
          if (event.ctrlKey || event.metaKey || event.shiftKey) return
          event.preventDefault()
          navigate(`${target.pathname}${target.search}`)
        }}
      >
        <Axis range={range} zoom={zoom} />
        {rows.map((row) => (
          <Row key={row.machine} row={row} name={called(row.machine)} range={range} now={now} />
        ))}
      </div>
      <Legend said={said} />
    </>
  )
}

/** The arrows go along a row, from its first window to its last. */
function goOn(event: KeyboardEvent): void {
  const { target, key } = event
  if (!(target instanceof HTMLAnchorElement) || target.dataset['window'] === undefined) return
  const all = linksIn(target.closest('ul'))
  const at = all.indexOf(target)
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[key]
  if (next === undefined) return
  event.preventDefault()
  all[next]?.focus()
}

function linksIn(element: Element | null | undefined): HTMLAnchorElement[] {
  return [...(element?.querySelectorAll<HTMLAnchorElement>('a[data-window]') ?? [])]
}

const CLOSER: Readonly<Record<string, boolean>> = { '+': true, '=': true, '-': false }

function zoomingOf(
  { target, key, ctrlKey, metaKey, altKey }: KeyboardEvent,
  rows: readonly MachineWindows[],
  range: Span,
): Zooming | undefined {
  const isCloser = CLOSER[key]
  const id = target instanceof HTMLAnchorElement ? target.dataset['window'] : undefined
  const window = rows.flatMap(({ windows }) => windows).find((one) => one.id === id)
  // With control they enlarge the whole page.
  if (isCloser === undefined || window === undefined || ctrlKey || metaKey || altKey) return undefined
  const at = (Math.max(window.from, range.from) + Math.min(window.to, range.to)) / 2
  return { isCloser, at, window: window.id }
}

function Axis({ range, zoom }: Pick<ChartProps, 'range' | 'zoom'>): ReactNode {
  const styles = useStyles()
  const formats = useFormats()
  const write = zoom === 'week' ? formats.day : formats.clock
  return (
    <>
      <span />
      <div className={styles.axis} aria-hidden>
        {ticksOf(range).map((at) => (
          <span
            key={at}
            className={mergeClasses(styles.tick, zoom !== 'hour' && styles.toCloser)}
            style={{ insetInlineStart: percent(range, at) }}
            data-at={at}
          >
            {placeIn(range, { from: at, to: at }).left > LAST_WORDS[zoom] ? null : write(at)}
          </span>
        ))}
      </div>
    </>
  )
}

function percent(range: Span, at: number): string {
  return `${placeIn(range, { from: at, to: at }).left}%`
}

interface RowProps {
  readonly row: MachineWindows
  readonly name: string
  readonly range: Span
  readonly now: number
}

const Row = memo(function Row({ row: { machine, windows }, name, range, now }: RowProps): ReactNode {
  const styles = useStyles()
  const bars = useBars(windows, { range, name })
  return (
    <>
      <RouteLink href={`/machine?${new URLSearchParams({ id: machine }).toString()}`} asChild>
        <Link className={styles.name} title={machine}>
          {name}
        </Link>
      </RouteLink>
      <ul className={styles.track} style={{ height: `${bars.height}px` }}>
        {ticksOf(range).map((at) => (
          <li key={at} aria-hidden className={styles.grid} style={{ insetInlineStart: percent(range, at) }} />
        ))}
        {bars.elements}
        {now > range.from && now < range.to ? (
          <li aria-hidden className={styles.now} style={{ insetInlineStart: percent(range, now) }} />
        ) : null}
      </ul>
    </>
  )
})

/** No component each: of thousands, every hook would be called thousands of times. */
function useBars(
  windows: readonly AccessWindow[],
  { range, name }: Pick<RowProps, 'range' | 'name'>,
): { readonly elements: ReactNode; readonly height: number } {
  const styles = useStyles()
  const text = useText(overviewMessages)
  const { moment } = useFormats()
  return useMemo(() => {
    const { laned, lanes } = inLanes(windows)
    const lane = Math.max(THINNEST, Math.min(LANE, TALLEST / lanes))
    const looks = { open: mergeClasses(styles.bar, styles.open), over: mergeClasses(styles.bar, styles.over) }
    const classes = { ...looks, failed: mergeClasses(styles.bar, styles.failed) }
    const says = ({ who, port, from, to, look }: AccessWindow): string =>
      text.window({ who, port, machine: name, from: moment(from), to: moment(to), look: text.looks[look] })
    const elements = laned.map(({ window, lane: at }, index) => (
      <li key={window.id}>
        <a
          href={`/activity?${new URLSearchParams({ request: window.request }).toString()}`}
          aria-label={says(window)}
          data-window={window.id}
          // The tab key comes into the row at its first window.
          tabIndex={index === 0 ? 0 : -1}
          className={classes[window.look]}
          style={boxOf(placeIn(range, window), { top: at * lane, height: lane })}
        >
          {lane > ROOM_FOR_A_NAME.height && placeIn(range, window).width > ROOM_FOR_A_NAME.width ? (
            <span className={styles.who}>{shortly(window.who)}</span>
          ) : null}
        </a>
      </li>
    ))
    return { elements, height: Math.min(lanes * lane, 2 * TALLEST) + 4 }
  }, [windows, range, name, styles, text, moment])
}

/** Below the picture it is said whole. */
function shortly(who: string): string {
  return who.replace(/@.*/, '')
}

function boxOf(
  { left, width }: ReturnType<typeof placeIn>,
  { top, height }: { readonly top: number; readonly height: number },
): CSSProperties {
  const gap = height > 8 ? 4 : 1
  return {
    insetInlineStart: `${left}%`,
    width: `${width}%`,
    top: `${top + 2}px`,
    height: `${Math.max(THINNEST, height - gap)}px`,
  }
}

/** What the colours mean; or what is pointed at. */
function Legend({ said }: { readonly said: string | undefined }): ReactNode {
  const styles = useStyles()
  const text = useText(overviewMessages)
  return (
    <div className={styles.legend}>
      {said === undefined ? (
        <>
          {Object.entries(text.looks).map(([look, label]) => (
            <Text key={look} size={200}>
              <span className={mergeClasses(styles.sample, styles[look as AccessWindow['look']])} />
              {label}
            </Text>
          ))}
          <Text size={200}>
            <span className={styles.nowSample} />
            {text.nowLine}
          </Text>
        </>
      ) : (
        <Text aria-hidden>{said}</Text>
      )}
    </div>
  )
}
