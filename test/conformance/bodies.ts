/** Bodies and paths as the original's clients send them. */
import { machineId, SUBSCRIPTION } from './running-server.ts'

export const VERSION = '?api-version=2020-01-01'

export function policyPath(name = 'default', group = 'mainWS', location = 'westeurope'): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Security/locations/${location}/jitNetworkAccessPolicies/${name}`
}

export interface RuleBody {
  readonly number?: unknown
  readonly protocol?: unknown
  readonly allowedSourceAddressPrefix?: unknown
  readonly allowedSourceAddressPrefixes?: unknown
  readonly maxRequestAccessDuration?: unknown
  readonly onExpiry?: unknown
}

export function rule(changes: RuleBody = {}): RuleBody {
  return {
    number: 22,
    protocol: '*',
    allowedSourceAddressPrefix: '*',
    maxRequestAccessDuration: 'PT3H',
    ...changes,
  }
}

/** What SDKs and PowerShell send: kind and machines, nothing else (R1). */
export function policyBody(
  machines: Readonly<Record<string, readonly RuleBody[]>> = { [machineId('web1')]: [rule()] },
) {
  return {
    kind: 'Basic',
    properties: { virtualMachines: Object.entries(machines).map(([id, ports]) => ({ id, ports })) },
  }
}

export function initiateBody(port: object = {}, id = machineId('web1')) {
  return { virtualMachines: [{ id, ports: [{ number: 22, duration: 'PT1H', ...port }] }] }
}
