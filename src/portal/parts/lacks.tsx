/** Says which right is missing, and where, in the place of what it would allow. */
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import type { Lack } from '../api/may.ts'
import { useText } from '../language.tsx'
import { lacksMessages } from './lacks.messages.ts'

const useStyles = makeStyles({ lacks: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' } })

/** Nothing while it is not known, and nothing when nothing is missing. */
export function Lacks({ lack }: { readonly lack: Lack | 'nothing' | undefined }): ReactNode {
  const styles = useStyles()
  const text = useText(lacksMessages)
  if (lack === undefined || lack === 'nothing') return null
  return (
    <Text size={200} className={styles.lacks}>
      {text.lacks(lack.action, lack.scope)}
    </Text>
  )
}
