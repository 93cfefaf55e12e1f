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
  tokens,
} from '@fluentui/react-components'
import { ShieldCheckmarkRegular } from '@fluentui/react-icons'
import { useMutation } from '@tanstack/react-query'
import { Fragment, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useMay } from '../../api/may.ts'
import type { WireAuditFinding } from '../../../contract/audit-event.ts'
import { READ_ACTIVITY } from '../../../domain/required-actions.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Problem } from '../../parts/problem.tsx'
import { settingsMessages } from './settings.messages.ts'

const useStyles = makeStyles({
  verify: { alignSelf: 'start' },
  facts: {
    display: 'grid',
    gridTemplateColumns: 'minmax(7rem, auto) minmax(0, 1fr)',
    gap: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalL}`,
    margin: 0,
  },
  term: { color: tokens.colorNeutralForeground2 },
  fact: { margin: 0 },
})

export function AuditTrail(): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const may = useMay('/')
  // Looked at when somebody asks: it reads the whole trail.
  const verify = useMutation({ mutationFn: () => call<WireAuditFinding>('/api/v1/audit/verify') })
  return (
    <Card>
      <Text>{text.auditText}</Text>
      <Button
        className={styles.verify}
        appearance="primary"
        icon={<ShieldCheckmarkRegular />}
        disabled={!may(READ_ACTIVITY) || verify.isPending}
        onClick={() => verify.mutate()}
      >
        {text.verify}
      </Button>
      {may(READ_ACTIVITY) ? null : <Text size={200}>{text.verifyNeeds(READ_ACTIVITY[0])}</Text>}
      <div aria-live="polite">
        {verify.isPending ? <Spinner size="tiny" label={text.verifying} /> : null}
        <Problem error={verify.error} />
        {verify.data === undefined ? null : <Finding finding={verify.data} />}
      </div>
    </Card>
  )
}

function Finding({ finding }: { readonly finding: WireAuditFinding }): ReactNode {
  const styles = useStyles()
  const text = useText(settingsMessages)
  const formats = useFormats()
  const { intact, problem, events, first, vouched, checkpoints, outside, seq } = finding
  const facts = { events, first, vouched, checkpoints, outside, seq }
  return (
    <>
      <MessageBar intent={intact ? 'success' : 'error'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{intact ? text.intact : text.broken}</MessageBarTitle>
          {problem}
        </MessageBarBody>
      </MessageBar>
      <dl className={styles.facts}>
        {Object.entries(facts).map(([name, value]) =>
          value === undefined ? null : (
            <Fragment key={name}>
              <dt className={styles.term}>{text.findings[name as keyof typeof facts]}</dt>
              <dd className={styles.fact}>{formats.number(value)}</dd>
            </Fragment>
          ),
        )}
      </dl>
    </>
  )
}
