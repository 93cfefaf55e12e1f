/** The two addresses of an operation that goes on (platform reference, B.3 "Real traffic"). */
import { lastName, type Address } from './address.ts'
import { checkMay } from './directory.ts'
import type { Call } from './state.ts'
import { ArmError, empty, json, type DoubleResponse } from './wire.ts'

/** Undefined when the address is not an operation's. An `If-Match` that the SDK repeats here has no meaning. */
export function operationAnswer(
  call: Call,
  { namespace, types, names, subscription }: Address,
): DoubleResponse | undefined {
  const [locations = '', kind = ''] = types.map((type) => type.toLowerCase())
  const isKnown = kind === 'operations' || kind === 'operationresults'
  if (namespace.toLowerCase() !== 'microsoft.network' || locations !== 'locations' || !isKnown) return undefined
  const { state, caller, headers } = call
  checkMay(caller, `Microsoft.Network/locations/${types[1] ?? ''}/read`, `/subscriptions/${subscription}`)
  const id = lastName(names.join('/'))
  const operation = state.operations.get(id)
  if (operation === undefined || operation.subscription !== subscription)
    throw new ArmError(404, { code: 'NotFound', message: `Operation ${id} not found.` })
  const isGoing = state.operations.isGoing(operation)
  const wait: Record<string, string> =
    isGoing && state.pace.retryAfter !== undefined ? { 'retry-after': String(state.pace.retryAfter) } : {}
  const all = { ...headers, ...wait }
  if (kind === 'operationresults') return empty(isGoing ? 202 : 204, all)
  if (isGoing) return json(200, { status: 'InProgress' }, all)
  const { failure } = operation
  if (failure === undefined) return json(200, { status: 'Succeeded' }, all)
  return json(200, { status: 'Failed', error: { ...failure, details: [] } }, all)
}
