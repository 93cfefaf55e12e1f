/**
 * A table of rows: columns by name, keyboard and screen reader as the browser's own tables have them. Where its columns
 * have no room, on a phone or enlarged four times, each row is a card with the name of the column before every cell. It is
 * a table to a screen reader all the same.
 */
import {
  Checkbox,
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import type { CSSProperties, ReactNode } from 'react'

export interface Column<T> {
  readonly id: string
  readonly title: string
  readonly cell: (row: T) => ReactNode
  /** In rem; what is left is shared by the columns without, and none of them gets less than {@link LEAST}. */
  readonly width?: number
  /** In rem, instead of {@link LEAST}: sentences in less would make tall rows. */
  readonly least?: number
  readonly isSortable?: boolean
}

export interface Sorting {
  readonly by: string
  readonly direction: 'ascending' | 'descending'
}

export interface Selecting {
  readonly selected: ReadonlySet<string>
  readonly select: (selected: ReadonlySet<string>) => void
  readonly all: string
  readonly one: (key: string) => string
}

/** In rem. Where there is less, rows are cards: a name that is broken after every few letters cannot be read. */
const LEAST = 5.5
const PADDING = 1

/** There for a screen reader alone. */
const OUT_OF_SIGHT = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
} as const

const useStyles = makeStyles({
  // What scrolls nowhere is no stop of the tab key; the room that it has decides about cards.
  frame: { minWidth: 0, containerType: 'inline-size' },
  cell: {
    overflowWrap: 'anywhere',
    paddingBlock: tokens.spacingVerticalXS,
    verticalAlign: 'middle',
    // A badge whose words need two lines grows with them.
    '& .fui-Badge': { height: 'auto', minHeight: '20px', textAlign: 'start' },
  },
  // As wide as its longest word, where that is broken nowhere.
  head: { width: 'var(--width)', hyphens: 'auto', overflowWrap: 'anywhere' },
  check: { width: '2.5rem' },
})

/** Where there is less room than this. */
function cardsWithin(rem: number) {
  const cards = `@container (max-width: ${rem - 0.01}rem)` as const
  return makeStyles({
    table: { minWidth: `${rem}rem`, [cards]: { display: 'block', minWidth: 0 } },
    rows: { [cards]: { display: 'block' } },
    // As many cells beside each other as have room.
    row: {
      [cards]: {
        display: 'grid',
        gridTemplateColumns: 'repeat(auto-fill, minmax(min(100%, 19rem), 1fr))',
        columnGap: tokens.spacingHorizontalL,
        position: 'relative',
        paddingBlock: tokens.spacingVerticalS,
      },
    },
    cell: {
      [cards]: {
        display: 'grid',
        gridTemplateColumns: '6.5rem minmax(0, 1fr)',
        columnGap: tokens.spacingHorizontalS,
        alignContent: 'start',
        alignItems: 'baseline',
        height: 'auto',
        paddingBlock: tokens.spacingVerticalXXS,
        paddingInline: 0,
        // A screen reader says the name of the column by itself.
        '::before': {
          content: 'attr(data-column) / ""',
          color: tokens.colorNeutralForeground2,
          fontSize: tokens.fontSizeBase200,
          hyphens: 'auto',
          overflowWrap: 'anywhere',
        },
        '&:has(> :empty)': { ...OUT_OF_SIGHT },
      },
    },
    /** Beside the box that chooses the row. */
    besideCheck: { [cards]: { ':nth-child(2)': { gridColumn: '1 / -1', paddingInlineEnd: '2.5rem' } } },
    // In cards only what does something is left of the head.
    headRow: { [cards]: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', borderBottomStyle: 'none' } },
    head: { [cards]: { width: 'auto' } },
    silentHead: { [cards]: { ...OUT_OF_SIGHT } },
    checkAll: { [cards]: { width: 'auto', order: 1, marginInlineStart: 'auto', paddingInline: 0 } },
    check: {
      [cards]: { width: 'auto', position: 'absolute', insetInlineEnd: 0, top: 0, paddingInline: 0, zIndex: 1 },
    },
  })
}

/** What tables need, in steps: styles are made beforehand. The last is what a page of 1280 pixels has beside a scroll bar. */
const useCardsWithin44 = cardsWithin(44)
const useCardsWithin50 = cardsWithin(50)
const useCardsWithin57 = cardsWithin(57)
const useCardsWithin60 = cardsWithin(60)

function useCards(needed: number): ReturnType<typeof useCardsWithin44> {
  const [least, less, more, most] = [useCardsWithin44(), useCardsWithin50(), useCardsWithin57(), useCardsWithin60()]
  return needed <= 44 ? least : needed <= 50 ? less : needed <= 57 ? more : most
}

export function DataTable<T>({
  label,
  columns,
  rows,
  keyOf,
  sorting,
  onSort,
  selecting,
}: {
  readonly label: string
  readonly columns: readonly Column<T>[]
  readonly rows: readonly T[]
  readonly keyOf: (row: T) => string
  readonly sorting?: Sorting | undefined
  readonly onSort?: ((by: string) => void) | undefined
  readonly selecting?: Selecting | undefined
}): ReactNode {
  const styles = useStyles()
  const keys = rows.map(keyOf)
  const needed = columns.reduce((sum, { least = LEAST, width = least }) => sum + width + PADDING, 0)
  const cards = useCards(needed + (selecting === undefined ? 0 : 3.5))
  return (
    <div className={styles.frame}>
      <Table role="table" className={cards.table} size="small" aria-label={label} sortable={onSort !== undefined}>
        <TableHeader role="rowgroup" className={cards.rows}>
          <TableRow role="row" className={cards.headRow}>
            {selecting === undefined ? null : (
              <TableHeaderCell
                role="columnheader"
                className={mergeClasses(styles.check, cards.checkAll)}
                sortable={false}
              >
                <SelectAll keys={keys} selecting={selecting} />
              </TableHeaderCell>
            )}
            {columns.map(({ id, title, width, isSortable = false }) => (
              <TableHeaderCell
                key={id}
                role="columnheader"
                className={mergeClasses(styles.head, cards.head, !isSortable && cards.silentHead)}
                sortable={isSortable}
                style={ofOwn({ '--width': width === undefined ? 'auto' : `${width}rem` })}
                {...(isSortable ? { onClick: () => onSort?.(id) } : {})}
                {...(sorting?.by === id ? { sortDirection: sorting.direction } : {})}
              >
                {title}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody role="rowgroup" className={cards.rows}>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} role="row" className={cards.row}>
              {selecting === undefined ? null : (
                <TableCell role="cell" className={mergeClasses(styles.check, cards.check)}>
                  <SelectOne id={keyOf(row)} selecting={selecting} />
                </TableCell>
              )}
              {columns.map(({ id, title, cell }) => (
                <TableCell
                  key={id}
                  role="cell"
                  className={mergeClasses(styles.cell, cards.cell, selecting !== undefined && cards.besideCheck)}
                  data-column={title}
                >
                  <div>{cell(row)}</div>
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  )
}

/** A style's type knows no properties of one's own. */
function ofOwn(properties: Readonly<Record<`--${string}`, string>>): CSSProperties {
  return properties
}

function SelectAll({
  keys,
  selecting,
}: {
  readonly keys: readonly string[]
  readonly selecting: Selecting
}): ReactNode {
  const { selected, select, all } = selecting
  const count = keys.filter((key) => selected.has(key)).length
  const others = [...selected].filter((key) => !keys.includes(key))
  return (
    <Checkbox
      aria-label={all}
      checked={count === 0 ? false : count === keys.length ? true : 'mixed'}
      onChange={(_, { checked }) => select(new Set(checked === true ? [...others, ...keys] : others))}
    />
  )
}

function SelectOne({ id, selecting }: { readonly id: string; readonly selecting: Selecting }): ReactNode {
  const { selected, select, one } = selecting
  return (
    <Checkbox
      aria-label={one(id)}
      checked={selected.has(id)}
      onChange={(_, { checked }) => {
        const next = new Set(selected)
        if (checked === true) next.add(id)
        else next.delete(id)
        select(next)
      }}
    />
  )
}
