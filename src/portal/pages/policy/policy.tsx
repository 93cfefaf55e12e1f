/** The editor of what is protected on one machine or on many: rules, the plan of what changes, and only then the write. */
import {
  Button,
  Card,
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
  MessageBarActions,
  MessageBarBody,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useMemo, useState, type ReactNode } from 'react'
import { Link as RouteLink, useSearch } from 'wouter'
import { needsAt, useLack } from '../../api/may.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { Page } from '../../parts/page.tsx'
import { partsMessages } from '../../parts/parts.messages.ts'
import { useReasonText } from '../../parts/words/reason.tsx'
import { Empty, Loaded } from '../../parts/states.tsx'
import { chosenIn, draftFrom, issuesOf, recommendedRules, writesFor, writesWithout, type DraftRule } from './draft.ts'
import { PlanFirst } from './plan-first.tsx'
import { isToUnprotect, labelsUrl } from './policy-url.ts'
import { policyMessages } from './policy.messages.ts'
import { RuleList } from './rule-list.tsx'
import { useSubject, type Subject } from './use-policy-writes.ts'

const useStyles = makeStyles({
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  form: { display: 'grid', gap: tokens.spacingVerticalM, minWidth: 0 },
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

function Editor({ subject, onReadAgain }: { readonly subject: Subject; readonly onReadAgain: () => void }): ReactNode {
  const [rules, setRules] = useState(() => rulesAtFirst(subject))
  return (
    <PlanFirst onReadAgain={onReadAgain}>
      {(review) => (
        <Rules
          subject={subject}
          rules={rules}
          onChange={setRules}
          onReview={() => review(writesFor(subject.machines, rules, subject))}
          onUnprotect={() => review(writesWithout(subject.machines, subject))}
        />
      )}
    </PlanFirst>
  )
}

/** By name, as many as anybody reads. */
const MOST_NAMED = 40

function useNamesText(): (machines: readonly { readonly name: string }[]) => string {
  const formats = useFormats()
  const { andMore } = useText(partsMessages)
  return (machines) => {
    const names = formats.list(machines.slice(0, MOST_NAMED).map(({ name }) => name))
    return machines.length > MOST_NAMED ? `${names} ${andMore(machines.length - MOST_NAMED)}` : names
  }
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
  const namesText = useNamesText()
  const reasonText = useReasonText()
  const issues = issuesOf(rules, { repeated: text.repeated, say: (refusal) => reasonText(refusal).text })
  // Of a thousand machines, not again with every key that is typed.
  const chosen = useMemo(() => chosenIn(subject.machines, subject), [subject])
  const alone = chosen.reduce((sum, { machines }) => sum + machines.length, 0)
  const guarded = subject.machines.filter(({ policies }) => policies.length > 0).length - alone
  const lack = useLack(needsAt('configure', subject.machines))
  const isReady = issues.size === 0 && rules.length > 0 && lack === 'nothing'
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) onReview()
      }}
    >
      {subject.machines.length > 1 ? (
        <Text as="p" className={styles.names}>
          {namesText(subject.machines)}
        </Text>
      ) : null}
      {chosen.map(({ machines, selector, policy }) => (
        <MessageBar key={`${selector} ${policy}`} layout="multiline">
          <MessageBarBody>{text.chosen(namesText(machines), selector)}</MessageBarBody>
          <MessageBarActions>
            <RouteLink href={labelsUrl(policy)} asChild>
              <Link>{text.editLabels}</Link>
            </RouteLink>
          </MessageBarActions>
        </MessageBar>
      ))}
      {haveDifferentRules(subject) ? (
        <MessageBar intent="warning">
          <MessageBarBody>{text.mixed}</MessageBarBody>
        </MessageBar>
      ) : null}
      <Card>
        <RuleList rules={rules} issues={issues} onChange={onChange} />
      </Card>
      <Lacks lack={lack} />
      <div className={styles.actions}>
        <Button type="submit" appearance="primary" disabled={!isReady}>
          {text.plan}
        </Button>
        <RouteLink href="/machines" asChild>
          <Button as="a">{text.discard}</Button>
        </RouteLink>
        <span className={styles.spread} />
        {guarded === 0 || lack !== 'nothing' ? null : <Unprotect count={guarded} onConfirm={onUnprotect} />}
      </div>
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
