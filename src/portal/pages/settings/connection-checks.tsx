/** What was tried of a connection, what is missing first, and how to mend it. */
import { Badge, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { WireConnectionCheck } from '../../../contract/connection.ts'
import { useText } from '../../language.tsx'
import { useCheckName } from '../../parts/words/check-name.ts'
import { CheckText } from '../../parts/words/check-text.tsx'
import { settingsMessages } from './settings.messages.ts'

const useStyles = makeStyles({
  list: { display: 'grid', gap: tokens.spacingVerticalS, listStyleType: 'none', margin: 0, padding: 0 },
  check: {
    display: 'grid',
    gridTemplateColumns: '6rem minmax(0, 1fr)',
    gap: tokens.spacingHorizontalM,
    overflowWrap: 'anywhere',
    '@media (max-width: 30rem)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  name: { fontFamily: tokens.fontFamilyMonospace },
})

const ORDER = ['missing', 'unknown', 'ok'] as const
const COLOURS = { ok: 'success', missing: 'danger', unknown: 'warning' } as const

export function ConnectionChecks({
  title,
  checks,
}: {
  readonly title: string
  readonly checks: readonly WireConnectionCheck[]
}): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const called = useCheckName()
  const sorted = checks.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
  return (
    <section aria-live="polite">
      <Subtitle2 as="h2">{title}</Subtitle2>
      <ul className={styles.list}>
        {sorted.map(({ name, scope, status, text: found, because, remedy, remedyBecause }) => (
          <li key={`${name} ${scope}`} className={styles.check}>
            <Badge appearance="tint" color={COLOURS[status]}>
              {text.checkStates[status]}
            </Badge>
            <div>
              <Text className={styles.name}>{called(name)}</Text>
              <Text size={200} block className={styles.name}>
                {called(scope)}
              </Text>
              <Text block>
                <CheckText text={found} because={because} />
              </Text>
              {remedy === undefined ? null : (
                <Text block>
                  <CheckText text={remedy} because={remedyBecause} />
                </Text>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
