/** Asks for ports of one or several machines at once; refusals stand beside their fields before anything is sent. */
import {
  Button,
  Card,
  Field,
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle1,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useMemo, useState, type ReactNode } from 'react'
import { Link as RouteLink, useSearch } from 'wouter'
import { ApiError, call, callWhole } from '../../api/call.ts'
import { needsAt, useLack } from '../../api/may.ts'
import { nameOf } from '../../api/names.ts'
import { machineNamed, useMachinesOf } from '../../api/machines.ts'
import { useChange, useServer, useWhoami } from '../../api/queries.ts'
import type { JitRequest } from '../../../contract/jit-request.ts'
import type { WireMachine, WireMachineList } from '../../../contract/machine.ts'
import { LONGEST_JUSTIFICATION } from '../../../domain/access/request.ts'
import { useFormats } from '../../formats.ts'
import { useText } from '../../language.tsx'
import { Lacks } from '../../parts/lacks.tsx'
import { useNow } from '../../parts/now.ts'
import { Page } from '../../parts/page.tsx'
import { Empty, Loaded, Reasons } from '../../parts/states.tsx'
import { MachinePicker } from './machine-picker.tsx'
import { PortRow } from './port-row.tsx'
import { Progress } from './progress.tsx'
import { requestMessages } from './request.messages.ts'
import { prefilledFrom, type Prefilled } from './request-url.ts'
import { placed, refusalsOf, requestsFrom, wishesOf, type PolicyRequest, type PortWish, type Refusals } from './wish.ts'

const API_VERSION = '2020-01-01'

export default function RequestAccess(): ReactNode {
  const text = useText(requestMessages)
  const able = useServer<WireMachineList>('/api/v1/machines', { category: 'configured', top: 1 })
  const search = useSearch()
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <Loaded query={able}>
        {({ value }) =>
          value.length === 0 ? (
            <Empty title={text.noMachines}>{text.noMachinesHint}</Empty>
          ) : (
            <PrefilledForm key={search} prefilled={prefilledFrom(search)} />
          )
        }
      </Loaded>
    </Page>
  )
}

function PrefilledForm({ prefilled: { machines: ids, port } }: { readonly prefilled: Prefilled }): ReactNode {
  const text = useText(requestMessages)
  const formats = useFormats()
  const machines = useMachinesOf(ids)
  return (
    <Loaded query={machines}>
      {(found) => {
        const able = found.filter(({ ports }) => ports.length > 0)
        const others = ids.filter((id) => machineNamed(able, id) === undefined)
        return (
          <>
            {others.length === 0 ? null : (
              <MessageBar intent="warning" layout="multiline">
                <MessageBarBody>{text.notProtected(formats.list(others.map(nameOf)))}</MessageBarBody>
              </MessageBar>
            )}
            <RequestForm machines={able} port={port} />
          </>
        )
      }}
    </Loaded>
  )
}

/** A request that the server does not grant, and its reasons. */
class NotGranted extends Error {
  readonly request: PolicyRequest
  readonly answer: ApiError

  constructor(request: PolicyRequest, answer: ApiError) {
    super(answer.message)
    this.request = request
    this.answer = answer
  }
}

/** Of several requests some were made, or nobody knows whether one was. */
class PerhapsMade extends Error {
  override readonly cause: Error

  constructor(cause: unknown) {
    super('some of what was asked for may have been opened')
    this.cause = cause instanceof Error ? cause : new Error(String(cause))
  }
}

/** No answer, or one that says nothing of what had been done by then. */
function isUncertain(cause: unknown): boolean {
  if (!(cause instanceof ApiError)) return true
  return cause.kind === 'offline' || cause.code === 'InternalServerError' || cause.code === 'ServerAnswered'
}

function causeOf(error: Error): Error {
  if (error instanceof PerhapsMade) return error.cause
  return error instanceof NotGranted ? error.answer : error
}

async function judge(request: PolicyRequest): Promise<void> {
  const query = { 'api-version': API_VERSION, dryRun: true }
  try {
    await call(`${request.policy}/initiate`, { method: 'POST', query, body: request.body })
  } catch (cause) {
    throw cause instanceof ApiError ? new NotGranted(request, cause) : cause
  }
}

const NONE: Refusals = new Map()

/** The reasons that stand beside fields, and whether that is all of them. */
function besideFields(error: Error | null): { readonly at: Refusals; readonly isAll: boolean } {
  if (!(error instanceof NotGranted)) return { at: NONE, isAll: false }
  const { details, code, message, target, facts } = error.answer
  const { at, rest } = placed(error.request, details.length > 0 ? details : [{ code, message, target, facts }])
  return { at, isAll: rest.length === 0 }
}

/** The ids of the requests that were made. */
async function initiate(requests: readonly PolicyRequest[]): Promise<string[]> {
  // All are judged before any is made, so that one refusal opens nothing.
  for (const request of requests) await judge(request)
  const ids: string[] = []
  for (const { policy, body } of requests) {
    const { location } = await callWhole<JitRequest>(`${policy}/initiate`, {
      method: 'POST',
      query: { 'api-version': API_VERSION },
      body,
    }).catch((cause: unknown) => {
      throw ids.length > 0 || isUncertain(cause) ? new PerhapsMade(cause) : cause
    })
    const id = location === undefined ? undefined : nameOf(new URL(location, document.baseURI).pathname)
    if (id !== undefined) ids.push(id)
  }
  return ids
}

const useStyles = makeStyles({
  form: { display: 'grid', gap: tokens.spacingVerticalL },
  machine: { display: 'grid' },
  justification: { maxWidth: '40rem' },
})

export function RequestForm({
  machines,
  port,
  isFixed = false,
}: {
  /** What is chosen at first. */
  readonly machines: readonly WireMachine[]
  /** The one that is switched on at first. */
  readonly port?: number | undefined
  /** The machines are given and not chosen. */
  readonly isFixed?: boolean
}): ReactNode {
  const styles = useStyles()
  const text = useText(requestMessages)
  const [chosen, setChosen] = useState(machines)
  const [changed, setChanged] = useState<ReadonlyMap<string, PortWish>>(new Map())
  const [justification, setJustification] = useState(justificationBefore)
  const send = useChange(initiate)
  const whoami = useWhoami()
  const now = useNow()
  const address = whoami.data?.address ?? ''
  const wishes = useMemo(
    () => wishesOf(chosen, port).map((wish) => changed.get(wish.key) ?? wish),
    [chosen, changed, port],
  )
  const refusals = refusalsOf(wishes, { address, now })
  const answered = besideFields(send.error)
  const lack = useLack(needsAt('request', chosen))
  const isReady = refusals.size === 0 && lack === 'nothing'
  const count = wishes.filter(({ isOn }) => isOn).length
  if (send.data !== undefined) return <Progress ids={send.data} onAnother={() => send.reset()} />
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        send.mutate(requestsFrom(wishes, justification))
      }}
    >
      {isFixed ? null : <MachinePicker chosen={chosen} onChoose={setChosen} />}
      {chosen.map((machine) => (
        <Card key={machine.id} className={styles.machine}>
          {isFixed ? null : <Subtitle1 as="h2">{machine.name}</Subtitle1>}
          {wishes
            .filter((wish) => wish.machine.id === machine.id)
            .map((wish) => (
              <PortRow
                key={wish.key}
                wish={wish}
                address={address}
                refusals={refusals.get(wish.key) ?? answered.at.get(wish.key) ?? []}
                onChange={(next) => {
                  send.reset() // what was answered was about another wish
                  setChanged(new Map(changed).set(next.key, next))
                }}
              />
            ))}
        </Card>
      ))}
      <Field label={text.justification} hint={text.justificationHint} className={styles.justification}>
        <Textarea
          value={justification}
          maxLength={LONGEST_JUSTIFICATION}
          onChange={(_, { value }) => setJustification(value)}
        />
      </Field>
      {send.error === null ? null : (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>
              {send.error instanceof PerhapsMade ? (
                <RouteLink href="/my-access" asChild>
                  <Link inline>{text.perhaps}</Link>
                </RouteLink>
              ) : (
                text.refused
              )}
            </MessageBarTitle>
            {answered.isAll ? null : <Reasons error={causeOf(send.error)} />}
          </MessageBarBody>
        </MessageBar>
      )}
      <Lacks lack={lack} />
      <div>
        <Button type="submit" appearance="primary" disabled={count === 0 || !isReady || send.isPending}>
          {send.isPending ? text.asking : text.open(count)}
        </Button>{' '}
        {count === 0 && chosen.length > 0 ? <Text>{text.nothingOn}</Text> : null}
      </div>
    </form>
  )
}

/** Asked again from the history: the words come along, out of sight of the address bar. */
function justificationBefore(): string {
  const state: unknown = history.state
  const given = typeof state === 'object' && state !== null && 'justification' in state ? state.justification : ''
  return typeof given === 'string' ? given : ''
}
