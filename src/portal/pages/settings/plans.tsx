/** Whether each subscription has the plan that just-in-time access needs; while it is off nothing is configured or opened. */
import { Card, Switch } from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useLack } from '../../api/may.ts'
import { useChange, useServer } from '../../api/queries.ts'
import type { WirePricing } from '../../../contract/pricing.ts'
import { WRITE_PRICING } from '../../../domain/roles/required-actions.ts'
import { useText } from '../../language.tsx'
import { Confirm, type Question } from '../../parts/confirm.tsx'
import { DataTable, type Column } from '../../parts/data-table.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { Problem } from '../../parts/problem.tsx'
import { usePlaceNames, useSubscriptions } from '../../parts/words/place-names.ts'
import { Empty, Loaded } from '../../parts/states.tsx'
import { settingsMessages } from './settings.messages.ts'

const PRICING_VERSION = { 'api-version': '2023-01-01' }

interface Subscription {
  readonly id: string
}

export function Plans(): ReactNode {
  const text = useText(settingsMessages)
  const called = usePlaceNames([])
  const columns: readonly Column<Subscription>[] = [
    { id: 'subscription', title: text.subscription, cell: ({ id }) => <span title={id}>{called(id)}</span> },
    { id: 'plan', title: text.plan, cell: ({ id }) => <Plan subscription={id} /> },
  ]
  return (
    <Loaded query={useSubscriptions()}>
      {({ value }) =>
        value.length === 0 ? (
          <Empty title={text.noSubscriptions} />
        ) : (
          <Card>
            <DataTable label={text.tabs.plans} columns={columns} rows={value} keyOf={({ id }) => id} />
          </Card>
        )
      }
    </Loaded>
  )
}

function Plan({ subscription }: { readonly subscription: string }): ReactNode {
  const text = useText(settingsMessages)
  const lack = useLack([{ anyOf: WRITE_PRICING, scope: subscription }])
  const [question, setQuestion] = useState<Question>()
  const path = `${subscription}/providers/Microsoft.Security/pricings/VirtualMachines`
  const plan = useServer<WirePricing>(path, PRICING_VERSION)
  const change = useChange(
    (isOn: boolean) =>
      call(path, {
        method: 'PUT',
        query: PRICING_VERSION,
        body: { properties: isOn ? { pricingTier: 'Standard', subPlan: 'P2' } : { pricingTier: 'Free' } },
      }),
    (_, isOn) => (isOn ? text.planOn : text.planOff),
  )
  const turnOff = { title: text.turnOff, text: text.turnOffText, deed: text.turnOff, act: () => change.mutate(false) }
  return (
    <Loaded query={plan} rows={1}>
      {({ properties: { pricingTier } }) => {
        const isOn = pricingTier === 'Standard'
        return (
          <>
            <Switch
              checked={isOn}
              disabled={lack !== 'nothing' || change.isPending}
              label={isOn ? text.planOn : text.planOff}
              onChange={(_, { checked }) => (checked ? change.mutate(true) : setQuestion(turnOff))}
            />
            <Lacks lack={lack} />
            <Problem error={change.error} />
            <Confirm question={question} onClose={() => setQuestion(undefined)} />
          </>
        )
      }}
    </Loaded>
  )
}
