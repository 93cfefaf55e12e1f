/**
 * `apply`: policies as code. Shows what would change, asks on a terminal, writes each policy whole or not at all. Never
 * touches a policy that no file names, but for `--prune`, which removes what the same source once wrote.
 */
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Millis } from '../../domain/time.ts'
import { confirm } from '../confirm.ts'
import { withExamples } from '../help/examples.ts'
import { Difference, usageFailure } from '../failure.ts'
import { withGlobalOptions } from '../options/global-options.ts'
import type { Io } from '../io.ts'
import type { PlannedChange } from '../policy-files/plan-changes.ts'
import { showChanges } from '../policy-files/show-changes.ts'
import { failIfAny, waitUntilCarried, writeChanges } from '../policy-files/write-changes.ts'
import { repeatable } from '../options/repeatable.ts'
import { openSession, type Session } from '../session.ts'
import { parseHumanDuration } from '../times.ts'

interface Options {
  readonly file?: readonly string[]
  readonly parameter?: ReadonlyMap<string, unknown>
  readonly subscription?: string
  readonly resourceGroup?: string
  readonly location?: string
  readonly check?: boolean
  readonly prune?: boolean
  readonly source?: string
  readonly takeOver?: boolean
  readonly yes?: boolean
  readonly force?: boolean
  readonly wait: boolean
  readonly timeout: Millis
}

export function addApply(program: Command, io: Io): void {
  const command = withGlobalOptions(
    program
      .command('apply')
      .description('make the policies what files say: shows what would change, then changes it')
      .option(
        '-f, --file <path>',
        'a file, a folder, or - for stdin: our YAML, the API’s JSON, an ARM template; may be repeated',
        repeatable,
      )
      .option(
        '--check',
        'change nothing; exit with 2 when the server differs from the files, with another code when that cannot be told',
      )
      .option('-y, --yes', 'do not ask (without a terminal it never asks)')
      .option('--source <name>', 'which files these are, such as github.com/acme/access: kept with each policy')
      .option('--prune', 'remove what this source once wrote and names no more')
      .option('--take-over', 'also policies that another source manages')
      .option('--parameter <name=value>', 'a parameter of an ARM template; may be repeated', parameter)
      .option('--subscription <id>', 'where an ARM template is deployed to (default: the installation’s own)')
      .option('-g, --resource-group <name>', 'where an ARM template is deployed to')
      .option('-l, --location <name>', 'the location of that resource group')
      .option('--force', 'even when it cuts the connection you are using')
      .option('--no-wait', 'return as soon as everything is accepted')
      .addOption(
        new Option('--timeout <time>', 'how long to wait until the machines carry it')
          .argParser(parseTimeout)
          .default(60_000, '60s'),
      ),
  )
  withExamples(command, [
    { does: 'what would change?', line: 'sallyport apply -f policies/ --check' },
    { does: 'make it so', line: 'sallyport apply -f policies/' },
    {
      does: 'in a pipeline, with what was deleted from the files',
      line: 'sallyport apply -f policies/ --source github.com/acme/access --prune --yes',
    },
    {
      does: 'a Bicep file',
      line: 'bicep build jit.bicep --stdout | sallyport apply -f - --subscription 20ff7fc3-… -g mainWS -l westeurope --parameter vm=web1',
    },
  ])
  command.action(async (options: Options) => {
    const session = openSession(command, io)
    const changes = await planned(options, session)
    await showChanges(changes, session)
    const due = changes.filter(({ change }) => change.action !== 'none')
    if (options.check === true) return failOnDifference(due)
    if (due.length === 0) return
    if (options.yes !== true) await confirm(session.io, 'Make these changes?')
    const written = await writeChanges(due, session)
    failIfAny(written)
    if (options.wait) await waitUntilCarried(written.ids, options.timeout, session)
  })
}

/** The schemas, the parsers and the judgement are loaded by those who apply alone. */
async function planned(options: Options, session: Session): Promise<PlannedChange[]> {
  if (options.file === undefined) throw usageFailure('say which files: -f policies/, or - for standard input')
  if (options.prune === true && options.source === undefined)
    throw usageFailure('say whose policies --prune may remove: --source NAME', '--source github.com/acme/access')
  const [{ sourceFiles }, { planChanges }] = await Promise.all([
    import('../policy-files/source-files.ts'),
    import('../policy-files/plan-changes.ts'),
  ])
  const files = await sourceFiles(options.file, session.io)
  const steps = session.format !== 'table'
  return planChanges(files, { ...options, steps, parameters: options.parameter ?? new Map() }, session)
}

/** Who manages a policy is no difference: what is exported and checked is the same. */
function failOnDifference(due: readonly PlannedChange[]): void {
  if (due.every(({ change }) => change.action === 'adopt')) return
  throw new Difference('the server differs from the files; nothing was changed', {
    remedy: 'the same command without --check',
  })
}

function parameter(text: string, previous: ReadonlyMap<string, unknown> = new Map()): ReadonlyMap<string, unknown> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Write NAME=VALUE.')
  return new Map([...previous, [name.toLowerCase(), value]])
}

function parseTimeout(text: string): Millis {
  const parsed = parseHumanDuration(text)
  if (parsed.ok) return parsed.value
  throw new InvalidArgumentError(parsed.refusals.map(({ message }) => message).join('; '))
}
