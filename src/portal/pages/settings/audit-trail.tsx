/** Whether the audit trail is what was written, up to where a signature vouches for it, and who else receives it. */
import {
  Button,
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
} from '@fluentui/react-components'
import { ShieldCheckmarkRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useLack } from '../../api/may.ts'
import { useChange } from '../../api/queries.ts'
import type { WireAuditFinding } from '../../../contract/audit-event.ts'
import { READ_ACTIVITY } from '../../../domain/roles/required-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { Problem } from '../../parts/problem.tsx'
import { AuditStatus } from './audit-status.tsx'
import { settingsMessages } from './settings.messages.ts'

const useStyles = makeStyles({ verify: { alignSelf: 'start' } })

export function AuditTrail(): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const lack = useLack([{ anyOf: READ_ACTIVITY, scope: '/' }])
  // Looked at when somebody asks: it reads the whole trail.
  const verify = useChange(() => call<WireAuditFinding>('/api/v1/audit/verify'))
  return (
    <>
      {lack === 'nothing' ? <AuditStatus /> : null}
      <Card>
        <Text>{text.auditText}</Text>
        <Button
          className={styles.verify}
          appearance="primary"
          icon={<ShieldCheckmarkRegular />}
          disabled={lack !== 'nothing' || verify.isPending}
          onClick={() => verify.mutate()}
        >
          {text.verify}
        </Button>
        <Lacks lack={lack} />
        <div aria-live="polite">
          {verify.isPending ? <Spinner size="tiny" label={text.verifying} /> : null}
          <Problem error={verify.error} />
          {verify.data === undefined ? null : <Finding finding={verify.data} />}
        </div>
      </Card>
    </>
  )
}

function Finding({ finding }: { readonly finding: WireAuditFinding }): ReactNode {
  const text = useText(settingsMessages)
  const formats = useFormats()
  const { intact, problem, events, first, vouched, checkpoints, outside, seq } = finding
  const told = (value: number | undefined) => (value === undefined ? undefined : formats.number(value))
  const facts = {
    events: told(events),
    first: told(first),
    vouched: told(vouched),
    checkpoints: told(checkpoints),
    outside: told(outside),
    seq: told(seq),
  }
  return (
    <>
      <MessageBar intent={intact ? 'success' : 'error'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{intact ? text.intact : text.broken}</MessageBarTitle>
          {problem}
        </MessageBarBody>
      </MessageBar>
      <Facts names={text.findings} facts={facts} />
    </>
  )
}
