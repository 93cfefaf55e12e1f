/** What the lists of users, groups and programs have in common: searching, making one, and the states. */
import { Button, Card, makeStyles, SearchBox, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { Loaded, Empty } from '../../parts/states.tsx'

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', justifyContent: 'space-between', gap: tokens.spacingHorizontalM },
  search: { flex: '1 1 14rem', maxWidth: '30rem' },
})

export function DirectoryList<T extends { readonly name: string }>({
  query,
  search: label,
  make,
  none,
  onMake,
  children,
}: {
  readonly query: UseQueryResult<readonly T[]>
  readonly search: string
  readonly make: string
  readonly none: string
  /** Undefined where the reader may not. */
  readonly onMake: (() => void) | undefined
  readonly children: (rows: readonly T[]) => ReactNode
}): ReactNode {
  const styles = useStyles()
  const [search, setSearch] = useState('')
  const wanted = search.trim().toLowerCase()
  return (
    <>
      <div className={styles.bar}>
        <SearchBox
          className={styles.search}
          aria-label={label}
          placeholder={label}
          value={search}
          onChange={(_, { value }) => setSearch(value)}
        />
        {onMake === undefined ? null : (
          <Button appearance="primary" icon={<AddRegular />} onClick={onMake}>
            {make}
          </Button>
        )}
      </div>
      <Loaded query={query}>
        {(all) => {
          const rows = all.filter(({ name }) => name.toLowerCase().includes(wanted))
          return rows.length === 0 ? <Empty title={none} /> : <Card>{children(rows)}</Card>
        }}
      </Loaded>
    </>
  )
}
