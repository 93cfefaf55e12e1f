/** Where an ARM path points. Text that cannot name anything is refused here, so that nothing behind need ask again. */
import { policyId, type PolicyAddress } from '../../app/policies/judge-policy.ts'
import { ok, refused, type Result } from '../../domain/refusal.ts'
import { resourceKey, type ResourceId, type ResourceKey } from '../../domain/resource-id.ts'

interface PolicyParams {
  readonly subscriptionId: string
  readonly resourceGroupName: string
  readonly ascLocation: string
  readonly jitNetworkAccessPolicyName: string
}

export interface PolicyPlace {
  readonly address: PolicyAddress
  /** As the caller wrote it. */
  readonly id: ResourceId
  readonly key: ResourceKey
}

export function policyPlace(params: PolicyParams): Result<PolicyPlace> {
  const { subscriptionId, resourceGroupName: resourceGroup, jitNetworkAccessPolicyName: name } = params
  const address = { subscriptionId, resourceGroup, location: withoutSpaces(params.ascLocation), name }
  const id = policyId(address)
  if (!id.ok) return refused(...id.refusals.map((reason) => ({ ...reason, target: 'path' })))
  return ok({ address, id: id.value, key: resourceKey(id.value) })
}

/** `West Europe` and `westeurope` are the same place. */
export function withoutSpaces(location: string): string {
  return location.replaceAll(' ', '')
}
