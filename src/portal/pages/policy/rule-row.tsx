/** One port of the policy: its fields, and what is wrong beside each. */
import { Button, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { ON_EXPIRY } from '../../../domain/access/flow.ts'
import { useText } from '../../language.tsx'
import { PROTOCOLS, type DraftIssues, type DraftRule } from './draft.ts'
import { policyMessages } from './policy.messages.ts'

const useStyles = makeStyles({
  row: {
    display: 'grid',
    gridTemplateColumns: '5rem 6.5rem 9.5rem minmax(0, 1fr) 9.5rem minmax(0, 10.5rem) 2.5rem',
    gap: tokens.spacingHorizontalM,
    alignItems: 'start',
    paddingBlock: tokens.spacingVerticalS,
    ':not(:first-child)': { borderTop: `1px solid ${tokens.colorNeutralStroke3}` },
    // The widest option of a list must not push the last column out of sight.
    '& > *': { minWidth: 0, gridTemplateColumns: 'minmax(0, 1fr)' },
    // Apart from each other: which of two that hold would win is not said.
    '@media (min-width: 30.01rem) and (max-width: 76rem)': { gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr)' },
    '@media (max-width: 30rem)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  // In line with the fields, below their labels.
  delete: { marginTop: '1.4rem', justifySelf: 'start', '@media (max-width: 30rem)': { marginTop: 0 } },
  number: { minWidth: 0, width: '100%' },
})

export function RuleRow({
  rule,
  issues = {},
  onChange,
  onDelete,
}: {
  readonly rule: DraftRule
  readonly issues: ReturnType<DraftIssues['get']>
  readonly onChange: (rule: DraftRule) => void
  readonly onDelete: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(policyMessages)
  return (
    <div className={styles.row} role="group" aria-label={`${text.port} ${rule.port}`}>
      <Field label={text.port} {...wrong(issues.port)}>
        <Input
          className={styles.number}
          input={{ className: styles.number }}
          inputMode="numeric"
          value={rule.port}
          onChange={(_, { value }) => onChange({ ...rule, port: value })}
        />
      </Field>
      <Field label={text.protocol} {...wrong(issues.protocol)}>
        <Select value={rule.protocol} onChange={(_, { value }) => onChange({ ...rule, protocol: value })}>
          {PROTOCOLS.map((protocol) => (
            <option key={protocol} value={protocol}>
              {text.protocols[protocol]}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={text.sources}>
        <Select
          value={rule.sources}
          onChange={(_, { value }) => onChange({ ...rule, sources: value === 'list' ? 'list' : 'request' })}
        >
          <option value="request">{text.perRequest}</option>
          <option value="list">{text.list}</option>
        </Select>
      </Field>
      <Field
        label={text.ranges}
        {...(rule.sources === 'list' ? { hint: text.rangesHint, ...wrong(issues.ranges) } : {})}
      >
        <Input
          disabled={rule.sources === 'request'}
          spellCheck={false}
          value={rule.sources === 'request' ? '' : rule.ranges}
          onChange={(_, { value }) => onChange({ ...rule, ranges: value })}
        />
      </Field>
      <Field label={text.hours} {...wrong(issues.hours)}>
        <Input
          className={styles.number}
          input={{ className: styles.number }}
          inputMode="decimal"
          value={rule.hours}
          onChange={(_, { value }) => onChange({ ...rule, hours: value })}
        />
      </Field>
      <Field label={text.onExpiry}>
        <Select
          value={rule.onExpiry}
          onChange={(_, { value }) =>
            onChange({ ...rule, onExpiry: ON_EXPIRY.find((each) => each === value) ?? rule.onExpiry })
          }
        >
          {ON_EXPIRY.map((each) => (
            <option key={each} value={each}>
              {text.onExpiries[each]}
            </option>
          ))}
        </Select>
      </Field>
      <Button
        className={styles.delete}
        appearance="subtle"
        icon={<DeleteRegular />}
        aria-label={text.remove(rule.port)}
        onClick={onDelete}
      />
    </div>
  )
}

function wrong(message: string | undefined): { validationState?: 'error'; validationMessage?: string } {
  return message === undefined ? {} : { validationState: 'error', validationMessage: message }
}
