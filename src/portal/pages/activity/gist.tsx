/** What tells an event from others of its kind: which port for whom, who was given which role, why not. The rest is in the drawer. */
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { portText } from '../../api/names.ts'
import type { WireAuditEvent } from '../../../contract/audit-event.ts'
import { useFormats } from '../../formats.ts'
import { useReasonText } from '../../parts/words/reason.tsx'

const useStyles = makeStyles({ gist: { display: 'block', color: tokens.colorNeutralForeground2 } })

export function Gist({ data }: Pick<WireAuditEvent, 'data'>): ReactNode {
  const styles = useStyles()
  const formats = useFormats()
  const reasonText = useReasonText()
  const { code, message } = data
  const why = typeof code === 'string' && typeof message === 'string' ? reasonText({ code, message }) : undefined
  const words = why === undefined ? wordsOf(data) : [why.text]
  return words.length === 0 ? null : (
    <Text size={200} className={styles.gist} lang={why?.lang}>
      {formats.list(words)}
    </Text>
  )
}

function wordsOf({ port, protocol, sources, roleName, principalName, memberName }: WireAuditEvent['data']): string[] {
  const ports =
    typeof port === 'number' ? [portText({ port, protocol: typeof protocol === 'string' ? protocol : '*' })] : []
  const from = Array.isArray(sources) ? sources.map(String) : []
  const names = [roleName, principalName, memberName].filter((name) => typeof name === 'string' && name !== '')
  return [...ports, ...from, ...names.map(String)]
}
