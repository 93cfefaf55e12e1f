/** `export`: the server's policies as files that `apply` takes back without a difference. Changes nothing at the server. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { FilePolicy } from '../../contract/policy-file.ts'
import type { WirePolicy } from '../../contract/policy.ts'
import { isDevice } from '../contexts/context.ts'
import { counted } from '../show/counted.ts'
import { whoAmI } from '../names/directory.ts'
import { withExamples } from '../help/examples.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import { usageFailure } from '../failure.ts'
import { makeFolder } from '../make-folder.ts'
import { systemReason } from '../system-reason.ts'
import { jsonText } from '../show/json-text.ts'
import { ownPolicies } from '../policy/managed-policies.ts'
import { machinesUnder } from '../policy-files/known.ts'
import { policyFileOf, type Naming } from '../policy-files/written-form.ts'
import { resourceGroupOf } from '../../contract/policy-place.ts'
import { resolveName } from '../names/resolve-name.ts'
import { formatSelector } from '../../domain/policy/label-selector.ts'
import { openSession, type Session } from '../session.ts'

interface Options {
  readonly dir?: string
  readonly schema?: boolean
}

export function addExport(program: Command, io: Io): void {
  const command = withGlobalOptions(
    program
      .command('export')
      .description('write the policies as files that apply takes back without a difference')
      .argument('[policy...]', 'their names or ids, or the beginning of one; every policy without')
      .option('--dir <dir>', 'a file for each policy into this folder; standard output without it')
      .option('--schema', 'print the JSON schema of policy files instead'),
  )
  withExamples(command, [
    { does: 'everything, to begin with', line: 'sallyport export --dir policies/' },
    { does: 'one policy', line: 'sallyport export default > default.yaml' },
    { does: 'does the server still say the same?', line: 'sallyport export | sallyport apply -f - --check' },
  ])
  command.action(async (typed: readonly string[], { dir, schema }: Options) => {
    const { schemaText } = await import('../policy-files/file-text.ts')
    if (schema === true) return io.stdout.write(schemaText())
    const session = openSession(command, io)
    const { policies, naming } = await chosen(typed, session)
    if (dir === undefined) return show(session, policies, naming)
    await writeFiles(dir, policies, naming)
    session.say(
      `${counted(policies.length, 'policy', 'policies')} written to ${dir}; sallyport apply -f ${dir} --check compares them`,
    )
  })
}

async function chosen(
  typed: readonly string[],
  { client }: Session,
): Promise<{ policies: readonly WirePolicy[]; naming: Naming }> {
  const [among, own] = await Promise.all([ownPolicies(client), whoAmI(client)])
  const named = typed.map((name) => resolveName({ what: 'policy', typed: name, among, list: 'sallyport policy list' }))
  const policies = typed.length === 0 ? among : [...new Set(named)]
  return {
    policies: policies.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    naming: { machines: await machinesUnder(policies, client), subscriptionId: own.subscriptionId },
  }
}

/** A file is text for people; JSON is the other form that was asked for. */
async function show(session: Session, policies: readonly WirePolicy[], naming: Naming): Promise<void> {
  const file = policyFileOf(policies, naming)
  const { yamlText } = await import('../policy-files/file-text.ts')
  if (session.format === 'table' || session.format === 'yaml') return session.io.stdout.write(yamlText(file))
  if (session.format === 'json') return session.io.stdout.write(`${jsonText(file)}\n`)
  const columns = [
    { title: 'POLICY', text: ({ name }: { name: string }) => name },
    {
      title: 'MACHINES',
      text: ({ machines = [], selectors = [] }: FilePolicy) =>
        [...machines.map(({ machine }) => machine), ...selectors.map(({ labels }) => formatSelector(labels))].join(
          ', ',
        ),
    },
  ]
  await session.show({ data: file, rows: file.policies, columns })
}

async function writeFiles(dir: string, policies: readonly WirePolicy[], naming: Naming): Promise<void> {
  const { schemaText, SCHEMA_NAME, yamlText } = await import('../policy-files/file-text.ts')
  const files: [name: string, text: string][] = [
    [SCHEMA_NAME, schemaText()],
    ...policies.map((policy): [string, string] => [
      fileName(policy, policies),
      yamlText(policyFileOf([policy], naming)),
    ]),
  ]
  let place = dir
  try {
    makeFolder(dir)
    for (const [name, text] of files) {
      place = join(dir, name)
      await writeFile(place, text)
    }
  } catch (cause) {
    throw usageFailure(`${place} cannot be written (${systemReason(cause)})`, '--dir names another folder')
  }
}

/** The name alone where it is the only one of it, also on file systems that do not tell A from a. */
function fileName({ id, name, location }: WirePolicy, among: readonly WirePolicy[]): string {
  const isOnly = among.filter((other) => other.name.toLowerCase() === name.toLowerCase()).length === 1
  const parts = isOnly ? [name] : [name, resourceGroupOf(id), location]
  return `${[...(isDevice(name) ? ['policy'] : []), ...parts].join('.').toLowerCase()}.yaml`
}
