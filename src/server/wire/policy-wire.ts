/** Policies as the wire writes them, member by member in the original's order (behaviour reference, R23). Pure. */
import { etagOf } from '../../app/policies/configure-policy.ts'
import type { StoredPolicy, StoredRequest } from '../../app/ports/rows.ts'
import {
  POLICY_TYPE,
  type JitPolicy,
  type JitPolicyMachine,
  type WirePolicySelector,
} from '../../contract/jit-policy.ts'
import type { WirePolicy } from '../../contract/policy.ts'
import type { PolicyMachineInput } from '../../domain/policy/policy.ts'
import { formatInstant } from '../../domain/time.ts'
import { jitRequestFrom } from './request-wire.ts'

export interface PolicyFacts {
  readonly policy: StoredPolicy
  readonly requests: readonly StoredRequest[]
  readonly provisioningState: JitPolicy['properties']['provisioningState']
}

export function jitPolicyFrom({ policy, requests, provisioningState }: PolicyFacts): JitPolicy {
  return {
    kind: policy.kind,
    properties: {
      virtualMachines: policy.machines.map(machineFrom),
      ...selectorsFrom(policy),
      requests: requests.map(jitRequestFrom),
      provisioningState,
      appendMode: false,
    },
    id: policy.id,
    name: policy.name,
    type: POLICY_TYPE,
    location: policy.location,
  }
}

/** As first written, less what the client sent as null. */
function machineFrom({ id, ports, publicIpAddress, chosenBy }: PolicyMachineInput): JitPolicyMachine {
  return {
    id,
    ports: ports.map(portFrom),
    ...(typeof publicIpAddress === 'string' && { publicIpAddress }),
    ...(typeof chosenBy === 'string' && { chosenBy }),
  }
}

function selectorsFrom({ selectors }: Pick<StoredPolicy, 'selectors'>): { selectors?: WirePolicySelector[] } {
  if (selectors === undefined) return {}
  return { selectors: selectors.map(({ labels, ports }) => ({ labels: { ...labels }, ports: ports.map(portFrom) })) }
}

function portFrom(rule: PolicyMachineInput['ports'][number]): JitPolicyMachine['ports'][number] {
  const { allowedSourceAddressPrefix: single, allowedSourceAddressPrefixes: list, onExpiry } = rule
  return {
    number: rule.number,
    protocol: rule.protocol,
    ...(typeof single === 'string' && { allowedSourceAddressPrefix: single }),
    ...(list != null && { allowedSourceAddressPrefixes: [...list] }),
    maxRequestAccessDuration: rule.maxRequestAccessDuration,
    ...(typeof onExpiry === 'string' && { onExpiry }),
  }
}

/** Our own shape: without history, with who manages it. */
export function policyFrom(policy: StoredPolicy): WirePolicy {
  const { id, name, location, kind, machines, managedBy, changedOutsideAt } = policy
  return {
    id,
    name,
    location,
    kind,
    virtualMachines: machines.map(machineFrom),
    ...selectorsFrom(policy),
    etag: etagOf(policy),
    createdAt: formatInstant(policy.createdAt),
    updatedAt: formatInstant(policy.updatedAt),
    ...(managedBy !== undefined && {
      managedBy: {
        tool: managedBy.tool,
        ...(managedBy.source !== undefined && { source: managedBy.source }),
        since: formatInstant(managedBy.since),
        ...(changedOutsideAt !== undefined && { changedOutsideAt: formatInstant(changedOutsideAt) }),
      },
    }),
  }
}
