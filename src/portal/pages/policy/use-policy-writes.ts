/** Reads what is edited, asks for the plan, and writes: each policy whole, on the version that was read. */
import { useQuery } from '@tanstack/react-query'
import { ApiError, call, type FailureKind } from '../../api/call.ts'
import { useChange } from '../../api/queries.ts'
import type { Whoami } from '../../../contract/installation.ts'
import type { JitPolicy } from '../../../contract/jit-policy.ts'
import type { WireMachine, WireMachineList } from '../../../contract/machine.ts'
import type { WirePlannedPolicy, WirePolicy, WirePolicyList } from '../../../contract/policy.ts'
import { useText } from '../../language.tsx'
import { isLeftEmpty, isStoredAs, type Around, type PolicyWrite } from './draft.ts'
import { policyMessages } from './policy.messages.ts'

const ARM = { 'api-version': '2020-01-01' }
const A_PAGE = 500

export interface Subject extends Around {
  readonly machines: readonly WireMachine[]
}

/** The machines, and every policy that names one of them or may get one. */
export function useSubject(ids: readonly string[]) {
  return useQuery({
    queryKey: ['policy-subject', ids],
    // Read when it is asked for: what somebody else saves meanwhile is found out by the write.
    meta: { isReadOnRequest: true },
    staleTime: Infinity,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<Subject> => {
      const [machines, own, policies] = await Promise.all([
        machinesOf(ids, signal),
        call<Whoami>('/api/v1/whoami', { signal }),
        everyPolicy(signal),
      ])
      return { machines, own, policies }
    },
  })
}

export interface EveryPolicy {
  readonly policies: readonly WirePolicy[]
  readonly own: Whoami
}

/** Every policy that the reader may see. */
export function useEveryPolicy() {
  return useQuery({
    queryKey: ['every-policy'],
    meta: { isReadOnRequest: true },
    staleTime: Infinity,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<EveryPolicy> => {
      const [own, policies] = await Promise.all([call<Whoami>('/api/v1/whoami', { signal }), everyPolicy(signal)])
      return { policies, own }
    },
  })
}

/** So many at a time that an address holds their ids. */
const IDS_A_CALL = 20

async function machinesOf(ids: readonly string[], signal: AbortSignal): Promise<WireMachine[]> {
  const all: WireMachine[] = []
  for (let from = 0; from < ids.length; from += IDS_A_CALL) {
    const query = { ids: ids.slice(from, from + IDS_A_CALL).join(','), top: IDS_A_CALL }
    all.push(...(await call<WireMachineList>('/api/v1/machines', { signal, query })).value)
  }
  return all
}

async function everyPolicy(signal: AbortSignal): Promise<WirePolicy[]> {
  const all: WirePolicy[] = []
  for (;;) {
    const after = all.at(-1)?.id
    const page = await call<WirePolicyList>('/api/v1/policies', { signal, query: { top: A_PAGE, after } })
    all.push(...page.value)
    if (page.nextLink === undefined) return all
  }
}

export interface Allowances {
  readonly force: boolean
  readonly takeOver: boolean
}

/** Asks every enforcement point; changes nothing. */
export function usePlan() {
  return useChange(({ writes, ...allowances }: Allowances & { readonly writes: readonly PolicyWrite[] }) => {
    const kept = writes.filter((write) => !isLeftEmpty(write))
    const gone = writes.filter(isLeftEmpty)
    const policies = kept.map(({ id, virtualMachines, selectors }) => ({ id, virtualMachines, selectors }))
    const body = { ...allowances, policies, remove: gone.map(({ id }) => id) }
    return call<{ value: WirePlannedPolicy[] }>('/api/v1/policies/plan', { method: 'POST', body })
  })
}

interface Saving extends Allowances {
  readonly writes: readonly PolicyWrite[]
  /** Hears which one is written now, counted from one. */
  readonly onWrite: (order: number) => void
}

export function useSave() {
  const text = useText(policyMessages)
  return useChange(
    async ({ writes, onWrite, ...allowances }: Saving) => {
      for (const [order, write] of writes.entries()) {
        onWrite(order + 1)
        await put(write, allowances).catch(async (cause: unknown) => {
          if (!(await isThereNow(write, cause))) throw cause
        })
      }
    },
    () => text.saved,
  )
}

async function put(write: PolicyWrite, { force, takeOver }: Allowances): Promise<void> {
  const { id, before, virtualMachines, selectors } = write
  const query = { ...ARM, ...(takeOver ? { takeOver } : {}) }
  const etag = before === undefined ? { isNew: true } : { etag: before.etag }
  if (isLeftEmpty(write)) return call(id, { method: 'DELETE', query, ...etag })
  const body = { kind: before?.kind ?? 'Basic', properties: { virtualMachines, selectors } }
  return call(id, { method: 'PUT', query: { ...query, ...(force ? { force } : {}) }, body, ...etag })
}

/** What became of it is not known, or another version is there now: it may be this very write, of an answer that was lost. */
const UNSURE: ReadonlySet<FailureKind> = new Set(['offline', 'conflict', 'failed'])

async function isThereNow(write: PolicyWrite, cause: unknown): Promise<boolean> {
  if (!(cause instanceof ApiError) || !UNSURE.has(cause.kind)) return false
  try {
    return isStoredAs(write, (await call<JitPolicy>(write.id, { query: ARM })).properties)
  } catch (unread) {
    return unread instanceof ApiError && unread.kind === 'missing' && isStoredAs(write, undefined)
  }
}
