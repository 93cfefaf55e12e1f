/** The ports that are protected, one row each; adding one, and those that are recommended. */
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import type { ReactNode } from 'react'
import { useText } from '../../language.tsx'
import { newRule, recommendedRules, type DraftIssues, type DraftRule } from './draft.ts'
import { policyMessages } from './policy.messages.ts'
import { RuleRow } from './rule-row.tsx'

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
})

export function RuleList({
  rules,
  issues,
  onChange,
}: {
  readonly rules: readonly DraftRule[]
  readonly issues: DraftIssues
  readonly onChange: (rules: DraftRule[]) => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(policyMessages)
  return (
    <>
      {rules.map((rule) => (
        <RuleRow
          key={rule.key}
          rule={rule}
          issues={issues.get(rule.key)}
          onChange={(changed) => onChange(rules.map((one) => (one.key === rule.key ? changed : one)))}
          onDelete={() => onChange(rules.filter(({ key }) => key !== rule.key))}
        />
      ))}
      {rules.length === 0 ? <Text>{text.noRules}</Text> : null}
      <div className={styles.actions}>
        <Button icon={<AddRegular />} onClick={() => onChange([...rules, newRule(rules)])}>
          {text.add}
        </Button>
        <Button appearance="subtle" onClick={() => onChange(recommendedRules(undefined))}>
          {text.recommended}
        </Button>
      </div>
    </>
  )
}
