/**
 * Whether this host can be protected at all, found out by a dry run of the very text. A host that lacks something is
 * refused, never protected by half.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { refusal, withFacts, type Refusal } from '../../../domain/refusal.ts'
import { elementId, isBehind, managedKey } from '../element.ts'
import { NftError, type NftEngine } from './engine.ts'
import { baselineSets, CHECK_TABLE, textOf } from '../nft-text.ts'
import type { GatewayForm } from '../operation.ts'

/** Everything that is missing; empty when this host can be protected. */
export async function probeSupport(engine: Pick<NftEngine, 'compile'>, form: GatewayForm): Promise<Refusal[]> {
  const [privilege, programs] = await Promise.all([missingPrivilege(), missingPrograms()])
  const outside = [...privilege, ...programs]
  return outside.length > 0 ? outside : missingInKernel(engine, form)
}

/** linux/capability.h */
const CAP_NET_ADMIN = 12n

/** Empty when this process may read and write rules. */
export async function missingPrivilege(): Promise<Refusal[]> {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1]
  if (effective !== undefined && (BigInt(`0x${effective}`) >> CAP_NET_ADMIN) & 1n) return []
  return [
    refusal(
      'MissingPrivilege',
      'this process lacks CAP_NET_ADMIN, without which no rule can be read or written; run it as root or give it that capability',
    ),
  ]
}

async function missingPrograms(): Promise<Refusal[]> {
  const programs = [
    { name: 'nft', arguments: ['--version'], package: 'nftables' },
    { name: 'ss', arguments: ['-V'], package: 'iproute2' },
  ]
  const answers = await Promise.all(
    programs.map(async (program) => ({ program, runs: await isRunnable(program.name, program.arguments) })),
  )
  return answers
    .filter(({ runs }) => !runs)
    .map(({ program: { name, package: from } }) =>
      withFacts(refusal('MissingProgram', `the program ${name} cannot be run; install it: apt-get install ${from}`), {
        program: name,
        package: from,
      }),
    )
}

async function isRunnable(name: string, args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(name, args).then(
    () => true,
    () => false,
  )
}

async function missingInKernel(engine: Pick<NftEngine, 'compile'>, form: GatewayForm): Promise<Refusal[]> {
  try {
    await engine.compile(wholeText(form))
    return []
  } catch (error) {
    if (!(error instanceof NftError)) throw error
    const message = `the kernel or nft lacks something that protection needs: ${error.message}; the oldest that was measured is Debian 12: Linux 6.1 with nftables 1.0.6`
    return [withFacts(refusal('KernelNotSupported', message), { problem: error.message })]
  }
}

/** The structure, one managed port, one element in every set: all that is ever written. */
function wholeText(form: GatewayForm): string {
  const sets = baselineSets(form)
  const structure = { sets, managed: [managedKey(6, 22)], gateway: form, behind: [] }
  const elements = sets.map((set) => ({
    kind: 'upsert' as const,
    id: elementId({
      set,
      bits: 0n,
      protocol: 6,
      port: 22,
      ...(isBehind(set) ? { to: 0n } : {}),
      ...(set.kind === 'publish' ? { target: { bits: 0n, port: 22 } } : {}),
    }),
    timeout: 1000,
  }))
  const statements = [
    { kind: 'structure' as const, structure, strays: { chains: [], sets: [] }, rebuild: false },
    ...elements,
  ]
  return textOf(statements, { table: CHECK_TABLE, declareTable: true })
}
