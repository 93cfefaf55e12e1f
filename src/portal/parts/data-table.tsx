/**
 * A table of rows: columns by name, keyboard and screen reader as the browser's own tables have them. Where it has little
 * room it scrolls in its own frame, which the keyboard reaches too; where it has hardly any, on a phone or enlarged four
 * times, each row is a card with the name of the column before every cell. It is a table to a screen reader all the same.
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

/** In rem. Where there is less, the table scrolls: a name that is broken after every few letters cannot be read. */
const LEAST = 5.5
const PADDING = 1
const LEAST_OF_ALL = 44
/** Where not even the smallest table has room. */
const CARDS = `@container (max-width: ${LEAST_OF_ALL - 0.01}rem)` as const

/** There for a screen reader alone. */
const OUT_OF_SIGHT = {
  position: 'absolute',
  width: '1px',
  height: '1px',
  overflow: 'hidden',
  clipPath: 'inset(50%)',
} as const

const useStyles = makeStyles({
  frame: {
    overflowX: 'auto',
    minWidth: 0,
    containerType: 'inline-size',
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  table: { minWidth: 'var(--least)', [CARDS]: { display: 'block', minWidth: 0 } },
  body: { [CARDS]: { display: 'block' } },
  row: { [CARDS]: { display: 'block', position: 'relative', paddingBlock: tokens.spacingVerticalS } },
  cell: {
    overflowWrap: 'anywhere',
    paddingBlock: tokens.spacingVerticalXS,
    verticalAlign: 'middle',
    // A badge whose words need two lines grows with them.
    '& .fui-Badge': { height: 'auto', minHeight: '20px', textAlign: 'start' },
    [CARDS]: {
      display: 'grid',
      gridTemplateColumns: '6.5rem minmax(0, 1fr)',
      columnGap: tokens.spacingHorizontalS,
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
  besideCheck: { [CARDS]: { ':nth-child(2)': { paddingInlineEnd: '2.5rem' } } },
  // In cards only what does something is left of the head.
  headRow: { [CARDS]: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', borderBottomStyle: 'none' } },
  // As wide as its longest word, where that is broken nowhere.
  head: { width: 'var(--width)', hyphens: 'auto', overflowWrap: 'anywhere', [CARDS]: { width: 'auto' } },
  silentHead: { [CARDS]: { ...OUT_OF_SIGHT } },
  checkAll: { width: '2.5rem', [CARDS]: { width: 'auto', order: 1, marginInlineStart: 'auto', paddingInline: 0 } },
  check: {
    width: '2.5rem',
    [CARDS]: { width: 'auto', position: 'absolute', insetInlineEnd: 0, top: 0, paddingInline: 0, zIndex: 1 },
  },
})

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
  const least = needed + (selecting === undefined ? 0 : 3.5)
  return (
    // A frame that scrolls must be reachable by keyboard, and so needs a name.
    <div className={styles.frame} role="region" aria-label={label} tabIndex={0}>
      <Table
        role="table"
        className={styles.table}
        style={ofOwn({ '--least': `max(${LEAST_OF_ALL}rem, ${least}rem)` })}
        size="small"
        aria-label={label}
        sortable={onSort !== undefined}
      >
        <TableHeader role="rowgroup" className={styles.body}>
          <TableRow role="row" className={styles.headRow}>
            {selecting === undefined ? null : (
              <TableHeaderCell role="columnheader" className={styles.checkAll} sortable={false}>
                <SelectAll keys={keys} selecting={selecting} />
              </TableHeaderCell>
            )}
            {columns.map(({ id, title, width, isSortable = false }) => (
              <TableHeaderCell
                key={id}
                role="columnheader"
                className={mergeClasses(styles.head, !isSortable && styles.silentHead)}
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
        <TableBody role="rowgroup" className={styles.body}>
          {rows.map((row) => (
            <TableRow key={keyOf(row)} role="row" className={styles.row}>
              {selecting === undefined ? null : (
                <TableCell role="cell" className={styles.check}>
                  <SelectOne id={keyOf(row)} selecting={selecting} />
                </TableCell>
              )}
              {columns.map(({ id, title, cell }) => (
                <TableCell
                  key={id}
                  role="cell"
                  className={mergeClasses(styles.cell, selecting !== undefined && styles.besideCheck)}
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
