/** The labels by which a policy chooses machines: made, edited and taken away here, with those that they choose now. */
import { Button, Field, Input, makeStyles, Radio, RadioGroup, Select, Text, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons'
import { useState, type ReactNode } from 'react'
import { Link as RouteLink, useLocation, useSearch } from 'wouter'
import { useLack } from '../../api/may.ts'
import { groupOf } from '../../api/names.ts'
import type { WirePolicy } from '../../../contract/policy.ts'
import { newPolicyId } from '../../../contract/policy-place.ts'
import { parsePolicy } from '../../../domain/policy/policy.ts'
import { WRITE_POLICY } from '../../../domain/roles/required-actions.ts'
import { useText } from '../../language.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { Page } from '../../parts/page.tsx'
import { Loaded } from '../../parts/states.tsx'
import { PlanFirst } from '../policy/plan-first.tsx'
import { labelsUrl } from '../policy/policy-url.ts'
import { useEveryPolicy, type EveryPolicy } from '../policy/use-policy-writes.ts'
import { labelsMessages } from './labels.messages.ts'
import {
  draftsFrom,
  fallenFrom,
  mergedDrafts,
  newSelector,
  selectorWrite,
  type DraftSelector,
} from './selector-draft.ts'
import { isComplete, SelectorCard } from './selector-card.tsx'

const useStyles = makeStyles({
  form: { display: 'grid', gap: tokens.spacingVerticalL, minWidth: 0 },
  policy: { maxWidth: '30rem' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  start: { justifySelf: 'start' },
})

export default function Labels(): ReactNode {
  const text = useText(labelsMessages)
  const every = useEveryPolicy()
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <Loaded query={every}>{(read) => <Policies every={read} onReadAgain={() => void every.refetch()} />}</Loaded>
    </Page>
  )
}

interface Shared {
  readonly every: EveryPolicy
  readonly onReadAgain: () => void
}

/** Machines with labels are hosts, all in one group: its policies, and whichever else chooses by labels. */
function choicesIn({ policies, own }: EveryPolicy): WirePolicy[] {
  const home = `/subscriptions/${own.subscriptionId}/resourceGroups/${own.resourceGroup}/`.toLowerCase()
  const offered = policies.filter(({ id, selectors = [] }) => selectors.length > 0 || id.toLowerCase().startsWith(home))
  return offered.toSorted((a, b) => (b.selectors?.length ?? 0) - (a.selectors?.length ?? 0))
}

function Policies({ every, onReadAgain }: Shared): ReactNode {
  const styles = useStyles()
  const text = useText(labelsMessages)
  const [, navigate] = useLocation()
  const asked = new URLSearchParams(useSearch()).get('policy')
  const choices = choicesIn(every)
  const named = choices.find(({ id }) => id.toLowerCase() === asked?.toLowerCase())
  const before = asked === '' ? undefined : (named ?? choices[0])
  return (
    <>
      <Field label={text.policy} className={styles.policy}>
        <Select value={before?.id ?? ''} onChange={(_, { value }) => navigate(labelsUrl(value), { replace: true })}>
          {choices.map(({ id, name }) => (
            <option key={id} value={id}>
              {text.policyIn(name, groupOf(id))}
            </option>
          ))}
          <option value="">{text.newPolicy}</option>
        </Select>
      </Field>
      <Editor key={before?.id ?? ''} every={every} before={before} onReadAgain={onReadAgain} />
    </>
  )
}

interface Edited {
  /** What the drafts were made of; undefined for a policy that is made by them. */
  readonly base: WirePolicy | undefined
  readonly drafts: readonly DraftSelector[]
}

function Editor({ every, before, onReadAgain }: Shared & { readonly before: WirePolicy | undefined }): ReactNode {
  const [edited, setEdited] = useState<Edited>(() => ({
    base: before,
    drafts: before === undefined ? [newSelector([])] : draftsFrom(before),
  }))
  const { base, drafts } = edited
  // Read again: what others changed meanwhile is not overwritten by what was never looked at.
  if (before !== undefined && base !== undefined && before.etag !== base.etag)
    setEdited({ base: before, drafts: mergedDrafts(drafts, { base, now: before }) })
  const setDrafts = (changed: readonly DraftSelector[]): void => setEdited({ base, drafts: changed })
  const [name, setName] = useState('')
  const [fallen, setFallen] = useState<'stay' | 'end'>()
  const id = before?.id ?? newPolicyId({ name: name.trim() }, { first: '', known: [], own: every.own })
  return (
    <PlanFirst onReadAgain={onReadAgain}>
      {(review) => (
        <Selectors
          drafts={drafts}
          before={before}
          fallen={fallen}
          name={before === undefined ? <NewName every={every} id={id} name={name} onChange={setName} /> : null}
          isNamed={before !== undefined || nameIssue({ every, id, name }) === undefined}
          scope={before?.id ?? id.replace(/\/providers\/.*$/, '')}
          onChange={setDrafts}
          onFallen={setFallen}
          onReview={() => review([selectorWrite({ id, before }, { drafts, fallen: fallen ?? 'stay' })])}
        />
      )}
    </PlanFirst>
  )
}

interface Named {
  readonly every: EveryPolicy
  readonly id: string
  readonly name: string
}

/** `empty` while nothing is typed: nothing is wrong with that yet. */
function nameIssue({ every: { policies }, id, name }: Named): 'empty' | 'there' | 'wrong' | undefined {
  if (name.trim() === '') return 'empty'
  if (policies.some((policy) => policy.id.toLowerCase() === id.toLowerCase())) return 'there'
  const parsed = parsePolicy(name.trim(), [])
  return !parsed.ok && parsed.refusals.some(({ target }) => target === 'name') ? 'wrong' : undefined
}

function NewName({ onChange, ...named }: Named & { readonly onChange: (name: string) => void }): ReactNode {
  const styles = useStyles()
  const text = useText(labelsMessages)
  const issue = nameIssue(named)
  const message = issue === undefined || issue === 'empty' ? undefined : text.names[issue]
  return (
    <Field
      label={text.name}
      required
      className={styles.policy}
      {...(message === undefined ? {} : { validationState: 'error', validationMessage: message })}
    >
      <Input value={named.name} autoComplete="off" spellCheck={false} onChange={(_, { value }) => onChange(value)} />
    </Field>
  )
}

function Selectors({
  drafts,
  before,
  fallen,
  name,
  isNamed,
  scope,
  onChange,
  onFallen,
  onReview,
}: {
  readonly drafts: readonly DraftSelector[]
  readonly before: WirePolicy | undefined
  readonly fallen: 'stay' | 'end' | undefined
  readonly name: ReactNode
  readonly isNamed: boolean
  /** Where the right to write is needed. */
  readonly scope: string
  readonly onChange: (drafts: DraftSelector[]) => void
  readonly onFallen: (fallen: 'stay' | 'end') => void
  readonly onReview: () => void
}): ReactNode {
  const styles = useStyles()
  const text = useText(labelsMessages)
  const lack = useLack([{ anyOf: WRITE_POLICY, scope }])
  const falling = before === undefined ? [] : fallenFrom(before, drafts)
  const isAny = drafts.length > 0 || (before?.selectors ?? []).length > 0
  const isDecided = falling.length === 0 || fallen !== undefined
  const isReady = isNamed && isAny && isDecided && lack === 'nothing' && drafts.every((one) => isComplete(one, drafts))
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (isReady) onReview()
      }}
    >
      {name}
      {drafts.map((draft) => (
        <SelectorCard
          key={draft.key}
          draft={draft}
          drafts={drafts}
          before={before}
          onChange={(changed) => onChange(drafts.map((one) => (one.key === draft.key ? changed : one)))}
          onRemove={() => onChange(drafts.filter(({ key }) => key !== draft.key))}
        />
      ))}
      {drafts.length === 0 ? <Text>{text.noSelectors}</Text> : null}
      <Button className={styles.start} icon={<AddRegular />} onClick={() => onChange([...drafts, newSelector(drafts)])}>
        {text.add}
      </Button>
      {falling.length === 0 ? null : (
        <Field label={text.fallen(falling.length)} required>
          <RadioGroup value={fallen ?? ''} onChange={(_, { value }) => onFallen(value === 'end' ? 'end' : 'stay')}>
            <Radio value="stay" label={text.stay} />
            <Radio value="end" label={text.end} />
          </RadioGroup>
        </Field>
      )}
      <Lacks lack={lack} />
      <div className={styles.actions}>
        <Button type="submit" appearance="primary" disabled={!isReady}>
          {text.review}
        </Button>
        <RouteLink href="/machines" asChild>
          <Button as="a">{text.discard}</Button>
        </RouteLink>
      </div>
    </form>
  )
}
