/** Facts by name, in two columns. What is not known is a dash. */
import { makeStyles, tokens } from '@fluentui/react-components'
import { Fragment, type ReactNode } from 'react'

const useStyles = makeStyles({
  facts: {
    display: 'grid',
    gridTemplateColumns: 'minmax(7rem, auto) minmax(0, 1fr)',
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    margin: 0,
  },
  term: { color: tokens.colorNeutralForeground2 },
  fact: { margin: 0, overflowWrap: 'anywhere' },
})

export function Facts<K extends string>({
  names,
  facts,
}: {
  readonly names: Readonly<Record<K, string>>
  /** In the order in which they are told; undefined for what is left out. */
  readonly facts: Readonly<Record<K, ReactNode>>
}): ReactNode {
  const styles = useStyles()
  const told = (Object.keys(facts) as K[]).filter((name) => facts[name] !== undefined) // a record's own names
  return (
    <dl className={styles.facts}>
      {told.map((name) => (
        <Fragment key={name}>
          <dt className={styles.term}>{names[name]}</dt>
          <dd className={styles.fact}>{facts[name] === '' ? '–' : facts[name]}</dd>
        </Fragment>
      ))}
    </dl>
  )
}
