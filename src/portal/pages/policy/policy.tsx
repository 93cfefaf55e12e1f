/** The editor of what is protected on one machine or on many: rules, the plan of what changes, and only then the write. */
import {
  Button,
  Card,
  Checkbox,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import { useMemo, useState, type ReactNode } from 'react'
import { Link as RouteLink, useLocation, useSearch } from 'wouter'
import { ApiError } from '../../api/call.ts'
import { needsAt, useLack } from '../../api/may.ts'
import type { WirePlannedPolicy } from '../../../contract/policy.ts'
import { useText } from '../../language.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { Page } from '../../parts/page.tsx'
import { useReasonText } from '../../parts/reason.tsx'
import { Empty, Loaded, Reasons } from '../../parts/states.tsx'
import {
  chosenIn,
  draftFrom,
  issuesOf,
  recommendedRules,
  writesFor,
  writesWithout,
  type DraftRule,
  type PolicyWrite,
} from './draft.ts'
import { PlanView } from './plan-view.tsx'
import { isToUnprotect } from './policy-url.ts'
import { policyMessages } from './policy.messages.ts'
import { RuleRow } from './rule-row.tsx'
import { usePlan, useSave, useSubject, type Subject } from './use-policy-writes.ts'

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  names: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
  spread: { flex: 1 },
})

export default function Policy(): ReactNode {
  const text = useText(policyMessages)
  const search = useSearch()
  const ids = useMemo(() => machinesFrom(search), [search])
  const subject = useSubject(ids)
  const { data } = subject
  const [only] = data?.machines ?? []
  return (
    <Page title={text.title(ids.length === 1 ? (only?.name ?? '…') : undefined, ids.length)} subtitle={text.subtitle}>
      {ids.length === 0 ? (
        <Empty
          title={text.none}
          action={
            <RouteLink href="/machines" asChild>
              <Link>{text.toMachines}</Link>
            </RouteLink>
          }
        />
      ) : (
        <Loaded query={subject}>
          {(read) =>
            read.machines.length === 0 ? (
              <Empty title={text.noSuchMachine} />
            ) : (
              <Editor subject={read} onReadAgain={() => void subject.refetch()} />
            )
          }
        </Loaded>
      )}
    </Page>
  )
}

/** Many machines come with the history entry: an address has its limits. */
function machinesFrom(search: string): readonly string[] {
  const named = new URLSearchParams(search).getAll('machine')
  const state: unknown = history.state
  const carried = typeof state === 'object' && state !== null && 'machines' in state ? state.machines : []
  return named.length > 0 ? named : Array.isArray(carried) ? carried.filter((id) => typeof id === 'string') : []
}

function rulesAtFirst({ machines }: Subject): DraftRule[] {
  const guarded = machines.filter(({ ports }) => ports.length > 0)
  const [first] = guarded
  if (first !== undefined) return draftFrom(first.ports)
  const systems = new Set(machines.map(({ os }) => os))
  return recommendedRules(systems.size === 1 ? [...systems][0] : undefined)
}

function haveDifferentRules({ machines }: Subject): boolean {
  const guarded = machines.filter(({ ports }) => ports.length > 0)
  return new Set(guarded.map(({ ports }) => JSON.stringify(ports))).size > 1
}

interface Reviewed {
  readonly writes: readonly PolicyWrite[]
  readonly plan: readonly WirePlannedPolicy[]
}

function Editor({ subject, onReadAgain }: { readonly subject: Subject; readonly onReadAgain: () => void }): ReactNode {
  const text = useText(policyMessages)
  const [rules, setRules] = useState(() => rulesAtFirst(subject))
  const [reviewed, setReviewed] = useState<Reviewed>()
  const plan = usePlan()
  const review = (writes: readonly PolicyWrite[]): void =>
    plan.mutate(
      { writes, force: false, takeOver: false },
      { onSuccess: ({ value }) => setReviewed({ writes, plan: value }) },
    )
  if (plan.isPending) return <Spinner label={text.planning} />
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
      <Rules
        subject={subject}
        rules={rules}
        onChange={setRules}
        onReview={() => review(writesFor(subject.machines, rules, subject))}
        onUnprotect={() => review(writesWithout(subject.machines, subject))}
      />
    </>
  )
}

function Rules({
  subject,
  rules,
  onChange,
  onReview,
  onUnprotect,
}: {
  readonly subject: Subject
  readonly rules: readonly DraftRule[]
  readonly onChange: (rules: DraftRule[]) => void
  readonly onReview: () => void
  readonly onUnprotect: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(policyMessages)
  const reasonText = useReasonText()
  const issues = issuesOf(rules, { repeated: text.repeated, say: (refusal) => reasonText(refusal).text })
  const chosen = chosenIn(subject.machines, subject)
  const guarded = subject.machines.filter(({ policies }) => policies.length > 0).length - chosen.length
  const next = Math.max(-1, ...rules.map(({ key }) => key)) + 1
  const lack = useLack(needsAt('configure', subject.machines))
  const isReady = issues.size === 0 && rules.length > 0 && lack === 'nothing'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) onReview()
      }}
    >
      {subject.machines.length > 1 ? (
        <Text as="p" className={styles.names}>
          {subject.machines.map(({ name }) => name).join(', ')}
        </Text>
      ) : null}
      {chosen.map(({ machine, selector }) => (
        <MessageBar key={machine.id} layout="multiline">
          <MessageBarBody>{text.chosen(machine.name, selector)}</MessageBarBody>
        </MessageBar>
      ))}
      {haveDifferentRules(subject) ? (
        <MessageBar intent="warning">
          <MessageBarBody>{text.mixed}</MessageBarBody>
        </MessageBar>
      ) : null}
      <Card>
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
          <Button
            icon={<AddRegular />}
            onClick={() =>
              onChange([
                ...rules,
                { key: next, port: '', protocol: 'TCP', sources: 'request', ranges: '', hours: '3', onExpiry: 'keep' },
              ])
            }
          >
            {text.add}
          </Button>
          <Button appearance="subtle" onClick={() => onChange(recommendedRules(undefined))}>
            {text.recommended}
          </Button>
        </div>
      </Card>
      <Lacks lack={lack} />
      <p className={styles.actions}>
        <Button type="submit" appearance="primary" disabled={!isReady}>
          {text.plan}
        </Button>
        <RouteLink href="/machines" asChild>
          <Button as="a">{text.discard}</Button>
        </RouteLink>
        <span className={styles.spread} />
        {guarded === 0 || lack !== 'nothing' ? null : <Unprotect count={guarded} onConfirm={onUnprotect} />}
      </p>
    </form>
  )
}

function Unprotect({ count, onConfirm }: { readonly count: number; readonly onConfirm: () => void }): ReactNode {
  const text = useText(policyMessages)
  const isAsked = isToUnprotect(useSearch())
  return (
    <Dialog defaultOpen={isAsked}>
      <DialogTrigger disableButtonEnhancement>
        <Button>{text.unprotect(count)}</Button>
      </DialogTrigger>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{text.unprotectTitle}</DialogTitle>
          <DialogContent>{text.unprotectText}</DialogContent>
          <DialogActions>
            <DialogTrigger disableButtonEnhancement>
              <Button>{text.cancel}</Button>
            </DialogTrigger>
            <Button appearance="primary" onClick={onConfirm}>
              {text.plan}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
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
        <Checkbox
          label={`${text.force}. ${text.forceHint}`}
          checked={force}
          onChange={(_, { checked }) => setForce(checked === true)}
        />
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
            onClick={() => save.mutate({ writes, force, takeOver }, { onSuccess: () => navigate('/machines') })}
          >
            {save.isPending ? text.saving : text.save}
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
