/** Our own form of a policy file (`contract/policy-file.ts`), turned into the API's, and every mistake in it. */
import { policyFile, type FileMachine, type FilePolicy, type FilePort } from '../../contract/policy-file.ts'
import type { PolicyMachineInput, PortRuleInput } from '../../domain/policy/policy.ts'
import { formatDuration } from '../../domain/time.ts'
import { parseHumanDuration } from '../times.ts'
import type { ReadDocument } from './document.ts'
import type { Locate, Mistake, Path } from './place.ts'
import type { WantedPolicy } from './wanted-policy.ts'
import { inShape, mistakesOfShape } from './shape.ts'
import { soundParts } from './sound-parts.ts'

export interface Understood {
  readonly policies: readonly WantedPolicy[]
  readonly mistakes: readonly Mistake[]
}

export function fromOwnForm({ value, locate }: ReadDocument): Understood {
  const parsed = inShape(policyFile, value)
  if (parsed.success) return judged(parsed.data.policies, locate)
  const shape = mistakesOfShape(parsed.error, locate, policyFile)
  const sound = soundParts(policyFile, value)
  if (sound === undefined) return { policies: [], mistakes: shape }
  const { policies, mistakes } = judged(sound.data.policies, (path) => locate(sound.origin(path)))
  return { policies, mistakes: [...shape, ...mistakes] }
}

function judged(written: readonly FilePolicy[], locate: Locate): Understood {
  return {
    policies: written.map((policy, index) => wantedFrom(policy, locating(locate, index))),
    mistakes: written.flatMap((policy, index) => lengthMistakes(policy, index, locate)),
  }
}

function wantedFrom({ machines = [], selectors = [], ...place }: FilePolicy, locate: Locate): WantedPolicy {
  const chosen = selectors.map(({ labels, ports }) => ({ labels, ports: ports.map(ruleFrom) }))
  return { ...place, machines: machines.map(machineFrom), selectors: chosen, locate }
}

function machineFrom({ machine, ports, publicIpAddress }: FileMachine): PolicyMachineInput {
  const rules = ports.map(ruleFrom)
  return { id: machine, ports: rules, ...(publicIpAddress === undefined ? {} : { publicIpAddress }) }
}

function ruleFrom({ port, protocol = '*', from = '*', max = 'PT3H', onExpiry = 'keep' }: FilePort): PortRuleInput {
  const sources = [from].flat().map((text) => (text.toLowerCase() === 'anywhere' ? '*' : text))
  const [only] = sources
  const length = parseHumanDuration(max)
  return {
    number: port,
    protocol: protocol === 'any' ? '*' : protocol.toUpperCase(),
    ...(sources.length === 1 && only !== undefined
      ? { allowedSourceAddressPrefix: only }
      : { allowedSourceAddressPrefixes: sources }),
    // What is no length is told by lengthMistakes, in this form's words.
    maxRequestAccessDuration: length.ok ? formatDuration(length.value) : 'PT3H',
    ...(onExpiry !== 'keep' && { onExpiry }),
  }
}

/** A length like `1h` is ours, not the API's, so nobody else would judge it. */
function lengthMistakes({ machines = [], selectors = [] }: FilePolicy, policy: number, locate: Locate): Mistake[] {
  const at = (kind: 'machines' | 'selectors', index: number, ports: readonly FilePort[]): Mistake[] =>
    ports.flatMap(({ max }, port) => {
      const parsed = max === undefined ? undefined : parseHumanDuration(max)
      if (parsed === undefined || parsed.ok) return []
      const place = locate(['policies', policy, kind, index, 'ports', port, 'max'])
      return parsed.refusals.map(({ message }) => ({ message, place }))
    })
  return [
    ...machines.flatMap(({ ports }, index) => at('machines', index, ports)),
    ...selectors.flatMap(({ ports }, index) => at('selectors', index, ports)),
  ]
}

const OWN_NAMES: Readonly<Record<string, string>> = {
  virtualMachines: 'machines',
  id: 'machine',
  number: 'port',
  allowedSourceAddressPrefix: 'from',
  allowedSourceAddressPrefixes: 'from',
  maxRequestAccessDuration: 'max',
}

/** The API's paths, in this form's words. */
function locating(locate: Locate, index: number): Locate {
  return (path) => {
    const own: Path = path.filter((step) => step !== 'properties').map((step) => OWN_NAMES[step] ?? step)
    return locate(['policies', index, ...own])
  }
}
