/** Why somebody may or may not do something: which assignment allows it, or what is missing and which role would give it. */
import {
  Badge,
  Card,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Select,
  Text,
  tokens,
} from '@fluentui/react-components'
import { CheckmarkCircleRegular, DismissCircleRegular } from '@fluentui/react-icons'
import { useQueries, type UseQueryResult } from '@tanstack/react-query'
import { useState, type ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { useSession } from '../../api/queries.ts'
import type { WireRoleDefinition, WireRoleExplanation } from '../../../contract/authorization.ts'
import { definitionGrants } from '../../../domain/roles/role-definition.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Failed, Loading } from '../../parts/states.tsx'
import { accessMessages } from './access-control.messages.ts'
import { DEEDS, rightsFor, type AskedRight, type Deed } from './asked-actions.ts'
import { useRoles } from './assignments.tsx'
import { calledIn, usePrincipals } from './directory.ts'
import { PrincipalPicker } from './principal-picker.tsx'
import { ScopePicker } from './scope-picker.tsx'
import { useScopeText } from './scopes.ts'

const useStyles = makeStyles({
  form: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 17rem), 1fr))',
    alignItems: 'start',
    gap: tokens.spacingHorizontalL,
  },
  rights: { display: 'grid', gap: tokens.spacingVerticalL, listStyleType: 'none', margin: 0, padding: 0 },
  right: { display: 'grid', gridTemplateColumns: 'auto minmax(0, 1fr)', gap: tokens.spacingHorizontalM },
  yes: { color: tokens.colorPaletteGreenForeground1 },
  no: { color: tokens.colorPaletteRedForeground1 },
  action: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere' },
  path: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalXS, margin: 0 },
  // An id that names a subscription is longer than a narrow page is wide.
  name: { height: 'auto', minHeight: '20px', overflowWrap: 'anywhere' },
  quiet: { color: tokens.colorNeutralForeground2, margin: 0 },
})

export function CheckAccess(): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const own = useSession().data?.principals[0] ?? ''
  const [chosen, setPrincipal] = useState<string>()
  const [deed, setDeed] = useState<Deed>('request')
  const [scope, setScope] = useState('/')
  const principal = chosen ?? own
  return (
    <>
      <Card>
        <div className={styles.form}>
          <PrincipalPicker label={text.who} principal={principal} onChoose={setPrincipal} />
          <Field label={text.wants}>
            <Select value={deed} onChange={(_, { value }) => setDeed(DEEDS.find((one) => one === value) ?? 'request')}>
              {DEEDS.map((one) => (
                <option key={one} value={one}>
                  {text.deeds[one]}
                </option>
              ))}
            </Select>
          </Field>
          <ScopePicker scope={scope} onChoose={setScope} hint={text.checkScopeHint} />
        </div>
      </Card>
      {principal === '' ? null : <Verdict principal={principal} rights={rightsFor(deed, scope)} />}
    </>
  )
}

interface Judged {
  readonly right: AskedRight
  readonly answers: readonly UseQueryResult<WireRoleExplanation>[]
}

function useExplanations(principal: string, rights: readonly AskedRight[]): readonly Judged[] {
  const questions = rights.flatMap((right) => right.anyOf.map((action) => ({ right, action })))
  const answers = useQueries({
    queries: questions.map(({ right: { scope }, action }) => {
      const query = { principal, action, scope }
      return {
        queryKey: ['/api/v1/roles/explain', query],
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          call<WireRoleExplanation>('/api/v1/roles/explain', { signal, query }),
      }
    }),
  })
  return rights.map((right) => ({ right, answers: answers.filter((_, index) => questions[index]?.right === right) }))
}

function isAllowed({ answers }: Judged): boolean {
  return answers.some(({ data }) => data?.allowed === true)
}

function Verdict({
  principal,
  rights,
}: {
  readonly principal: string
  readonly rights: readonly AskedRight[]
}): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const who = calledIn(usePrincipals(), principal)
  const roles = useRoles('/').data?.value ?? []
  const judged = useExplanations(principal, rights)
  const failed = judged.flatMap(({ answers }) => answers).filter(({ error }) => error !== null)
  const failure = failed[0]?.error
  if (failure !== undefined && failure !== null)
    return (
      <Failed
        error={failure}
        onRetry={() => {
          for (const answer of failed) void answer.refetch()
        }}
      />
    )
  if (judged.some(({ answers }) => answers.some(({ data }) => data === undefined))) return <Loading rows={3} />
  const missing = judged.filter((one) => !isAllowed(one))
  return (
    <Card>
      <MessageBar intent={missing.length === 0 ? 'success' : 'warning'} layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{missing.length === 0 ? text.allowed(who) : text.denied(who)}</MessageBarTitle>
          {missing.length === 0 ? null : <Remedy missing={missing} roles={roles} />}
        </MessageBarBody>
      </MessageBar>
      <ul className={styles.rights}>
        {judged.map((one) => (
          <Right key={`${one.right.anyOf[0]} ${one.right.scope}`} judged={one} />
        ))}
      </ul>
    </Card>
  )
}

/** The roles that would give all that is missing; the smallest first, for nobody should get more than they need. */
function Remedy({
  missing,
  roles,
}: {
  readonly missing: readonly Judged[]
  readonly roles: readonly WireRoleDefinition[]
}): ReactNode {
  const text = useText(accessMessages)
  const scope = missing.map(({ right }) => right.scope).toSorted((a, b) => a.length - b.length)[0] ?? '/'
  const called = useScopeText([scope])
  const formats = useFormats()
  const fitting = roles
    .filter(({ properties }) =>
      missing.every(({ right }) => right.anyOf.some((action) => definitionGrants(properties, action))),
    )
    .toSorted((a, b) => breadthOf(a) - breadthOf(b))
    .map(({ properties: { roleName } }) => roleName)
  return fitting.length === 0 ? text.noRoleGives : text.rolesGive(formats.list(fitting), called(scope))
}

/** Patterns with a star in the front give nearly everything. */
function breadthOf({ properties: { permissions } }: WireRoleDefinition): number {
  const actions = permissions.flatMap((permission) => permission.actions)
  return actions.reduce((sum, action) => sum + (action.startsWith('*') ? 1_000 : action.includes('*') ? 30 : 1), 0)
}

function Right({ judged }: { readonly judged: Judged }): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const formats = useFormats()
  const allowed = isAllowed(judged)
  const { right, answers } = judged
  const called = useScopeText([right.scope])
  return (
    <li className={styles.right}>
      {allowed ? (
        <CheckmarkCircleRegular className={styles.yes} fontSize={20} aria-label={text.yes} />
      ) : (
        <DismissCircleRegular className={styles.no} fontSize={20} aria-label={text.no} />
      )}
      <div>
        <Text className={styles.action}>{right.anyOf[0]}</Text>
        <p className={styles.quiet} title={right.scope}>
          {formats.named(text.scope, called(right.scope))}
        </p>
        {pathsOf(judged).map((assignment) => (
          <Path key={assignment.id} assignment={assignment} />
        ))}
        {allowed ? null : <p className={styles.quiet}>{whyNot(answers, text)}</p>}
      </div>
    </li>
  )
}

type Held = WireRoleExplanation['assignments'][number]

/** What allows it; where nothing does, what comes near. Each assignment once, however many actions would do. */
function pathsOf(judged: Judged): readonly Held[] {
  const held = judged.answers.flatMap(({ data }) => data?.assignments ?? [])
  const wanted = held.filter(({ verdict }) =>
    isAllowed(judged) ? verdict === 'allows' : verdict !== 'lacks the action',
  )
  return [...new Map(wanted.map((one) => [one.id, one])).values()]
}

function whyNot(
  answers: Judged['answers'],
  text: { nothingHeld: string; heldElsewhere: (count: number) => string },
): string {
  const held = new Set(answers.flatMap(({ data }) => (data?.assignments ?? []).map(({ id }) => id))).size
  return held === 0 ? text.nothingHeld : text.heldElsewhere(held)
}

/** Who → role → where. */
function Path({ assignment }: { readonly assignment: Held }): ReactNode {
  const styles = useStyles()
  const text = useText(accessMessages)
  const principals = usePrincipals()
  const { principalId, roleName, scope, verdict } = assignment
  const called = useScopeText([scope])
  return (
    <p className={styles.path}>
      <Badge appearance="outline" className={styles.name}>
        {calledIn(principals, principalId)}
      </Badge>
      <span aria-hidden>→</span>
      <Badge appearance="tint" className={styles.name}>
        {roleName}
      </Badge>
      <span aria-hidden>→</span>
      <Badge appearance="outline" className={styles.name} title={scope}>
        {called(scope)}
      </Badge>
      <Text size={200}>{text.verdicts[verdict]}</Text>
    </p>
  )
}
