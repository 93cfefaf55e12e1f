/** The options that say what a policy shall be, shared by `policy set` and `policy plan`, and how they become machines. */
import { readFile } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import type { JitPolicyMachine } from '../../contract/jit-policy.ts'
import type { WireMachine } from '../../contract/machine.ts'
import { formatSelector, parseSelector, type Labels } from '../../domain/policy/label-selector.ts'
import {
  defaultPortRules,
  type PolicyMachineInput,
  type PolicySelectorInput,
  type PortRuleInput,
} from '../../domain/policy/policy.ts'
import { refusal, type Refusal } from '../../domain/refusal.ts'
import { decodedText } from '../decoded-text.ts'
import { pickMachine } from '../names/directory.ts'
import { refusedInput, usageFailure } from '../failure.ts'
import type { Io } from '../io.ts'
import { repeatable } from '../options/repeatable.ts'
import { parsePortRuleOption } from '../options/port-option.ts'
import { systemReason } from '../system-reason.ts'

export interface PolicyOptions {
  readonly machine?: readonly string[]
  readonly selector?: readonly string[]
  readonly port?: readonly string[]
  readonly defaults?: boolean
  readonly file?: string
  readonly replace?: boolean
  readonly force?: boolean
  readonly resourceGroup?: string
  readonly location?: string
}

export function withPolicyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '-m, --machine <machine>',
        'a machine to protect: its name, id, or the beginning of one; may be repeated',
      )
        .argParser(repeatable)
        .conflicts('file'),
    )
    .addOption(
      new Option(
        '--selector <labels>',
        'protect whatever has these labels, now and later: env=prod,tier=web; may be repeated',
      )
        .argParser(repeatable)
        .conflicts('file'),
    )
    .addOption(
      new Option(
        '-p, --port <rule>',
        'a port to protect: 22/tcp[,max=PT1H][,from=10.0.0.0/8][,end=keep|warn|cut]; may be repeated (default: every protocol, PT3H, from anywhere, whoever is connected at the end stays so)',
      )
        .argParser(repeatable)
        .conflicts('file'),
    )
    .addOption(
      new Option('--defaults', 'protect 22, 3389, 5985 and 5986, each for at most PT3H, from anywhere').conflicts(
        'file',
      ),
    )
    .option('-f, --file <file>', 'the policy as JSON or YAML in the API’s shape; - reads it from stdin')
    .option('--replace', 'keep none of the policy’s other machines (default: keep them)')
    .option('-g, --resource-group <name>', 'where the policy lives (default: with its first machine)')
    .option('-l, --location <name>', 'where the policy lives (default: with its first machine)')
    .option('--force', 'even when it cuts the connection you are using')
}

export interface Given {
  readonly machines: readonly PolicyMachineInput[]
  /** Undefined where nothing was said of them. */
  readonly selectors: readonly PolicySelectorInput[] | undefined
}

/** From the options alone or the file alone; nothing is sent anywhere. */
export async function givenByOptions(options: PolicyOptions, io: Io): Promise<Given> {
  const { file, machine, selector } = options
  if (file !== undefined) return givenByFile(file, io)
  if (machine === undefined && selector === undefined)
    throw usageFailure('name the machines: --machine web1, or --selector env=prod, or a file: -f policy.yaml')
  const ports = portRules(options)
  const machines = (machine ?? []).map((id) => ({ id, ports }))
  return { machines, selectors: selector?.map((text) => ({ labels: labelsIn(text), ports })) }
}

function labelsIn(text: string): Labels {
  const parsed = parseSelector(text)
  if (parsed.ok) return parsed.value
  throw refusedInput('the selector is not as expected', parsed.refusals)
}

/** `--port` says more than `--defaults` about the same number. */
function portRules({ port = [], defaults }: PolicyOptions): PortRuleInput[] {
  if (port.length === 0 && defaults !== true) {
    throw usageFailure('say what to protect: --port 22/tcp, or --defaults for 22, 3389, 5985 and 5986')
  }
  const parsed = port.map((text) => parsePortRuleOption(text))
  const issues = parsed.flatMap((rule) => (rule.ok ? [] : rule.refusals))
  if (issues.length > 0) throw refusedInput('the ports are not as expected', issues)
  const rules = parsed.flatMap((rule) => (rule.ok ? [rule.value] : []))
  const unnamed = defaultPortRules().filter(({ number }) => rules.every((rule) => rule.number !== number))
  return defaults === true ? [...rules, ...unnamed] : rules
}

async function givenByFile(file: string, io: Io): Promise<Given> {
  const text = file === '-' ? await io.stdin.readAll() : await readPolicyFile(file)
  const { jitPolicyBody } = await import('../../contract/jit-policy.ts') // the schemas are loaded only where something is parsed
  const parsed = jitPolicyBody.safeParse(await structureOf(text, file))
  if (parsed.success) {
    const { virtualMachines, selectors } = parsed.data.properties
    return { machines: virtualMachines, selectors: selectors ?? undefined }
  }
  const issues: Refusal[] = parsed.error.issues.map(({ message, path }) =>
    refusal('InvalidPolicyFile', message, path.map(String).join('.')),
  )
  throw refusedInput(`${file} is not a policy as the API writes it`, issues)
}

async function readPolicyFile(file: string): Promise<string> {
  try {
    return decodedText(await readFile(file))
  } catch (cause) {
    throw usageFailure(`${file} cannot be read (${systemReason(cause)})`)
  }
}

/** YAML 1.2 contains JSON. */
async function structureOf(text: string, file: string): Promise<unknown> {
  const { parse } = await import('yaml')
  try {
    return parse(text)
  } catch (cause) {
    throw usageFailure(`${file} is neither JSON nor YAML: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Names become ids; an id stays as it is written, whether the machine is known here or not. */
export function withMachineIds(
  inputs: readonly PolicyMachineInput[],
  known: readonly WireMachine[],
): PolicyMachineInput[] {
  return inputs.map((input) => (input.id.startsWith('/') ? input : { ...input, id: pickMachine(input.id, known).id }))
}

/** The policy's machines with these ones put in, each in the place it had. */
export function mergeMachines(
  existing: readonly JitPolicyMachine[],
  wanted: readonly PolicyMachineInput[],
): PolicyMachineInput[] {
  const key = ({ id }: { id: string }): string => id.toLowerCase()
  const byKey = new Map(wanted.map((machine) => [key(machine), machine]))
  const kept = existing.map((machine) => {
    const replaced = byKey.get(key(machine))
    return replaced === undefined ? machine : { ...replaced, id: machine.id }
  })
  const known = new Set(existing.map(key))
  return [...kept, ...wanted.filter((machine) => !known.has(key(machine)))]
}

/** The policy's selectors with these put in, each in the place of the one with the same labels. */
export function mergeSelectors(
  existing: readonly PolicySelectorInput[],
  wanted: readonly PolicySelectorInput[],
): PolicySelectorInput[] {
  const byLabels = new Map(wanted.map((selector) => [formatSelector(selector.labels), selector]))
  const kept = existing.map((selector) => byLabels.get(formatSelector(selector.labels)) ?? selector)
  const known = new Set(existing.map(({ labels }) => formatSelector(labels)))
  return [...kept, ...wanted.filter(({ labels }) => !known.has(formatSelector(labels)))]
}
