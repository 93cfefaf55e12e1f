/** What saving would change, firewall by firewall, or why it would be refused. */
import {
  Card,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { groupOf, nameOf } from '../../api/names.ts'
import type { WirePlannedPolicy } from '../../../contract/policy.ts'
import { useText } from '../../language.tsx'
import { Reason, Saying } from '../../parts/words/reason.tsx'
import { stepMessages } from '../../parts/words/steps.messages.ts'
import { policyMessages } from './policy.messages.ts'

const useStyles = makeStyles({
  list: { margin: 0, paddingInlineStart: tokens.spacingHorizontalXL, overflowWrap: 'anywhere' },
  point: { overflowWrap: 'anywhere', color: tokens.colorNeutralForeground2 },
})

export function PlanView({ plan }: { readonly plan: readonly WirePlannedPolicy[] }): ReactNode {
  const styles = useStyles()
  const text = useText(policyMessages)
  return plan.map(({ id, action, refusals = [], points }) => {
    const steps = points.filter((point) => point.steps.length > 0)
    const heading =
      { create: text.creates, remove: text.removes, none: text.unchanged }[action as string] ?? text.changes
    return (
      <Card key={id}>
        <Subtitle2 as="h2">{heading(`${nameOf(id)} (${groupOf(id)})`)}</Subtitle2>
        {refusals.length === 0 ? null : (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>{text.refused}</MessageBarTitle>
              <ul className={styles.list}>
                {refusals.map((refusal) => (
                  <li key={refusal.message}>
                    <Reason said={refusal} />
                  </li>
                ))}
              </ul>
            </MessageBarBody>
          </MessageBar>
        )}
        {steps.length === 0 && refusals.length === 0 ? <Text>{text.planNothing}</Text> : null}
        {steps.map(({ point, steps: todo }) => (
          <div key={point}>
            <Text className={styles.point}>{text.planPoint(nameOf(point))}</Text>
            <ul className={styles.list}>
              {todo.map((step) => (
                <li key={step.text}>
                  <Saying said={step} words={stepMessages} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </Card>
    )
  })
}
