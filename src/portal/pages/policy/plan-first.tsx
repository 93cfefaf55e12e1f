/**
 * From what was edited to what is written: first the plan of what would change on which firewall, then the write. Shows the
 * editor (`children`) until something is to be reviewed; what was edited stays there.
 */
import {
  Button,
  Checkbox,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  tokens,
} from '@fluentui/react-components'
import { useState, useTransition, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import type { WirePlannedPolicy } from '../../../contract/policy.ts'
import { ApiError } from '../../api/call.ts'
import { useText } from '../../language.tsx'
import { Reasons } from '../../parts/states.tsx'
import type { PolicyWrite } from './draft.ts'
import { PlanView } from './plan-view.tsx'
import { policyMessages } from './policy.messages.ts'
import { usePlan, useSave } from './use-policy-writes.ts'

const useStyles = makeStyles({
  actions: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: tokens.spacingHorizontalS,
    alignItems: 'center',
    // The plan of many machines is long.
    position: 'sticky',
    bottom: 0,
    paddingBlock: tokens.spacingVerticalS,
    backgroundColor: tokens.colorNeutralBackground2,
  },
})

interface Reviewed {
  readonly writes: readonly PolicyWrite[]
  readonly plan: readonly WirePlannedPolicy[]
}

export function PlanFirst({
  onReadAgain,
  children,
}: {
  readonly onReadAgain: () => void
  readonly children: (review: (writes: readonly PolicyWrite[]) => void) => ReactNode
}): ReactNode {
  const text = useText(policyMessages)
  const [reviewed, setReviewed] = useState<Reviewed>()
  // The plan of a thousand machines is drawn bit by bit, and the page answers meanwhile.
  const [isDrawing, draw] = useTransition()
  const plan = usePlan()
  const review = (writes: readonly PolicyWrite[]): void =>
    plan.mutate(
      { writes, force: false, takeOver: false },
      { onSuccess: ({ value }) => draw(() => setReviewed({ writes, plan: value })) },
    )
  if (plan.isPending || isDrawing) return <Spinner label={text.planning} />
  if (reviewed !== undefined)
    return (
      <Review
        reviewed={reviewed}
        onBack={() => setReviewed(undefined)}
        onReadAgain={() => {
          setReviewed(undefined)
          onReadAgain()
        }}
      />
    )
  return (
    <>
      {plan.error === null ? null : <Wrong title={text.failed} error={plan.error} />}
      {children(review)}
    </>
  )
}

/** The refusal that only the person whose connection it is can wave through. */
const OWN_CONNECTION = 'WouldCutYourOwnConnection'

function Review({
  reviewed: { writes, plan },
  onBack,
  onReadAgain,
}: {
  readonly reviewed: Reviewed
  readonly onBack: () => void
  readonly onReadAgain: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(policyMessages)
  const [, navigate] = useLocation()
  const [force, setForce] = useState(false)
  const [takeOver, setTakeOver] = useState(false)
  const [written, setWritten] = useState(0)
  const save = useSave()
  const refusals = plan.flatMap(({ refusals: found = [] }) => found)
  const canForce = refusals.length > 0 && refusals.every(({ code }) => code === OWN_CONNECTION)
  const managed = writes.flatMap(({ before }) => before?.managedBy ?? [])
  const isReady = (refusals.length === 0 || (canForce && force)) && (managed.length === 0 || takeOver)
  const isConflict = save.error instanceof ApiError && save.error.kind === 'conflict'
  return (
    <>
      <PlanView plan={plan} />
      {canForce ? (
        <Checkbox label={text.force} checked={force} onChange={(_, { checked }) => setForce(checked === true)} />
      ) : null}
      {managed.map(({ tool }) => (
        <MessageBar key={tool} intent="warning" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{text.managed(tool)}</MessageBarTitle>
            <Checkbox
              label={text.takeOver}
              checked={takeOver}
              onChange={(_, { checked }) => setTakeOver(checked === true)}
            />
          </MessageBarBody>
        </MessageBar>
      ))}
      {save.error === null ? null : <Wrong title={isConflict ? text.conflict : text.failed} error={save.error} />}
      <div className={styles.actions}>
        {isConflict ? (
          <Button appearance="primary" onClick={onReadAgain}>
            {text.readAgain}
          </Button>
        ) : (
          <Button
            appearance="primary"
            disabled={!isReady || save.isPending}
            onClick={() =>
              save.mutate({ writes, force, takeOver, onWrite: setWritten }, { onSuccess: () => navigate('/machines') })
            }
          >
            {save.isPending ? text.saving(written, writes.length) : text.save}
          </Button>
        )}
        {/* Of several policies the first may be written already: what is edited next is edited on what is there. */}
        <Button onClick={save.error === null ? onBack : onReadAgain}>{text.back}</Button>
      </div>
    </>
  )
}

function Wrong({ title, error }: { readonly title: string; readonly error: Error }): ReactNode {
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{title}</MessageBarTitle>
        <Reasons error={error} />
      </MessageBarBody>
    </MessageBar>
  )
}
