/**
 * A table of rows: columns by name, keyboard and screen reader as the browser's own tables have them. On a narrow page it
 * scrolls in its own frame, which the keyboard reaches too.
 */
import {
  Checkbox,
  makeStyles,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  tokens,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'

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

const useStyles = makeStyles({
  frame: { overflowX: 'auto', minWidth: 0, ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` } },
  cell: {
    overflowWrap: 'anywhere',
    paddingBlock: tokens.spacingVerticalXS,
    verticalAlign: 'middle',
    // A badge whose words need two lines grows with them.
    '& .fui-Badge': { height: 'auto', minHeight: '20px', textAlign: 'start' },
  },
  // As wide as its longest word, where that is broken nowhere.
  head: { hyphens: 'auto', overflowWrap: 'anywhere' },
  check: { width: '2.5rem' },
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
        style={{ minWidth: `max(44rem, ${least}rem)` }}
        size="small"
        aria-label={label}
        sortable={onSort !== undefined}
      >
        <TableHeader>
          <TableRow>
            {selecting === undefined ? null : (
              <TableHeaderCell className={styles.check} sortable={false}>
                <SelectAll keys={keys} selecting={selecting} />
              </TableHeaderCell>
            )}
            {columns.map(({ id, title, width, isSortable }) => (
              <TableHeaderCell
                key={id}
                className={styles.head}
                sortable={isSortable === true}
                {...(isSortable === true ? { onClick: () => onSort?.(id) } : {})}
                {...(sorting?.by === id ? { sortDirection: sorting.direction } : {})}
                {...(width === undefined ? {} : { style: { width: `${width}rem` } })}
              >
                {title}
              </TableHeaderCell>
            ))}
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row) => (
            <TableRow key={keyOf(row)}>
              {selecting === undefined ? null : (
                <TableCell className={styles.check}>
                  <SelectOne id={keyOf(row)} selecting={selecting} />
                </TableCell>
              )}
              {columns.map(({ id, cell }) => (
                <TableCell key={id} className={styles.cell}>
                  {cell(row)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </div>
  )
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
