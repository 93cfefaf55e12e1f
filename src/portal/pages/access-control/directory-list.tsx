/** What the lists of users, groups and programs have in common: searching, making one, and the states. */
import { Button, Card, makeStyles, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import type { UseQueryResult } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { useMay } from '../../api/may.ts'
import type { ActionChoice } from '../../../domain/roles/required-actions.ts'
import { SearchField } from '../../parts/search-field.tsx'
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
  takes,
  form,
  children,
}: {
  readonly query: UseQueryResult<readonly T[]>
  readonly search: string
  readonly make: string
  readonly none: string
  /** The right that making one takes, everywhere. */
  readonly takes: ActionChoice
  readonly form: (onClose: () => void) => ReactNode
  readonly children: (rows: readonly T[]) => ReactNode
}): ReactNode {
  const styles = useStyles()
  const may = useMay('/')
  const [search, setSearch] = useState('')
  const [isMaking, setMaking] = useState(false)
  const wanted = search.trim().toLowerCase()
  return (
    <>
      <div className={styles.bar}>
        <SearchField className={styles.search} label={label} value={search} onType={setSearch} />
        {may(takes) ? (
          <Button appearance="primary" icon={<AddRegular />} onClick={() => setMaking(true)}>
            {make}
          </Button>
        ) : null}
      </div>
      <Loaded query={query}>
        {(all) => {
          const rows = all.filter(({ name }) => name.toLowerCase().includes(wanted))
          return rows.length === 0 ? <Empty title={none} /> : <Card>{children(rows)}</Card>
        }}
      </Loaded>
      {isMaking ? form(() => setMaking(false)) : null}
    </>
  )
}
