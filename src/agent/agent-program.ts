/** The agent's command line. Every command says what it did, and what to do next. */
import { Command, CommanderError, Option } from 'commander'
import { createAgentLog, sentenceOf } from './agent-log.ts'
import { readAgentStatus, type AgentStatus } from './state/agent-status.ts'
import { diagnose, isRunning } from './diagnose.ts'
import { enrollHost } from './enroll-host.ts'
import { beTheOnlyOne } from './state/only-one.ts'
import { planRemoval } from './remove-tables.ts'
import { runAgent } from './run-agent.ts'
import type { Environment } from './link/server-line.ts'
import { openStateFolder } from './state/state-folder.ts'
import { systemFacts } from './system-facts.ts'

/** The process, as far as the agent has to do with it. */
export interface AgentProcess {
  readonly env: Environment
  readonly version: string
  out(text: string): void
  err(text: string): void
  /** The answer to a question; undefined where nobody can be asked. */
  ask(question: string): Promise<string | undefined>
  /** Calls back when the process is told to end. */
  onStop(stop: () => void): void
}

const STATE = '/var/lib/sallyport-agent'
const FAILED = 1
const MISUSED = 2

/** `args` without the interpreter and the script. Resolves with the exit code. */
export async function agentProgram(args: readonly string[], io: AgentProcess): Promise<number> {
  let exit = 0
  const program = new Command('sallyport-agent')
    .description('keeps the protected ports of this host as its Sallyport server says, and closes what ends by itself')
    .version(io.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .option('--state <folder>', 'where the agent keeps who it is and what it was told last', STATE)
    .showHelpAfterError('(see --help)')
  const state = (): ReturnType<typeof openStateFolder> => openedAsRoot(program.opts<{ state: string }>().state)
  const ends = (run: () => Promise<number>) => async () => {
    exit = await run()
  }
  const enroll = program
    .command('enroll')
    .alias('enrol')
    .description('make this host known to a server; `sallyport host enroll NAME` prints the whole command')
    .requiredOption('--server <url>', 'where the server listens for agents')
    .requiredOption('--token <token>', 'good once, and not for long')
    .requiredOption('--ca-fingerprint <fingerprint>', 'of the authority that the server must be signed by')
  enroll.action(() => ends(() => enrollCommand(state(), enroll.opts<EnrollOptions>(), io))())
  example(enroll, 'sallyport-agent enroll --server https://jit.example:8471 --token T --ca-fingerprint sha256:AB12…')
  const run = program
    .command('run')
    .description('keep the kernel and the connection, for ever; what the service runs')
    .addOption(
      new Option('--backend <which>', 'how the kernel is spoken to')
        .choices(['auto', 'library', 'process'])
        .default('auto'),
    )
    .addOption(
      new Option('--own-table <when>', 'hold the table against everybody else, where the kernel can')
        .choices(['auto', 'off'])
        .default('auto'),
    )
  run.action(() => ends(() => runCommand(state(), run.opts<RunOptions>(), io))())
  example(run, 'sallyport-agent run')
  const status = program
    .command('status')
    .description('say what is protected, what is open and whether the server is there')
  status
    .option('--json', 'as JSON')
    .action(() => ends(() => statusCommand(state(), status.opts<{ json?: true }>(), io))())
  example(status, 'sallyport-agent status', 'sallyport-agent status --json')
  const doctor = program.command('doctor').description('look for whatever could be wrong, and say what to do about it')
  doctor.action(() => ends(() => doctorCommand(state(), io))())
  example(doctor, 'sudo sallyport-agent doctor')
  const uninstall = program
    .command('uninstall')
    .description('remove the tables and the record of this host, after asking')
  uninstall
    .option('--yes', 'without asking')
    .action(() => ends(() => uninstallCommand(state(), uninstall.opts<{ yes?: true }>(), io))())
  example(uninstall, 'sudo systemctl disable --now sallyport-agent && sudo sallyport-agent uninstall')
  try {
    await program.parseAsync(args, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED // it has said why already
    io.err(`${sentenceOf(error)}\n`)
    return FAILED
  }
}

function openedAsRoot(path: string): ReturnType<typeof openStateFolder> {
  try {
    return openStateFolder(path)
  } catch (error) {
    throw new Error(`cannot use ${path} (${sentenceOf(error)}); this is to be run as root`, { cause: error })
  }
}

function example(command: Command, ...lines: readonly string[]): void {
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}\n`).join('')}`)
}

type Folder = ReturnType<typeof openStateFolder>

interface EnrollOptions {
  readonly server: string
  readonly token: string
  readonly caFingerprint: string
}

async function enrollCommand(files: Folder, options: EnrollOptions, io: AgentProcess): Promise<number> {
  const facts = systemFacts({ agentVersion: io.version, startedAt: Date.now(), unsupported: [] })
  const identity = await enrollHost(files, { ...options, fingerprint: options.caFingerprint, facts, env: io.env })
  io.out(`enrolled as ${identity.machine}\n`)
  const running = readAgentStatus(files)
  if (running !== undefined && isRunning(running.pid)) io.out('the agent that runs takes it up within half a minute\n')
  else io.out('next: systemctl enable --now sallyport-agent\n')
  return 0
}

interface RunOptions {
  readonly backend: 'auto' | 'library' | 'process'
  readonly ownTable: 'auto' | 'off'
}

async function runCommand(files: Folder, options: RunOptions, io: AgentProcess): Promise<number> {
  const release = await beTheOnlyOne(files.path)
  const end = new AbortController()
  io.onStop(() => end.abort())
  const toJournal = (io.env['JOURNAL_STREAM'] ?? '') !== ''
  const log = createAgentLog({ write: (line) => io.err(line), now: () => Date.now(), toJournal })
  await runAgent({ ...options, files, version: io.version, env: io.env, log, signal: end.signal })
  release()
  return 0
}

async function statusCommand(files: Folder, { json }: { json?: true }, io: AgentProcess): Promise<number> {
  const status = readAgentStatus(files)
  const isAlive = status !== undefined && isRunning(status.pid)
  const identity = files.readIdentity()
  const isWell = isAlive && status.connectedSince !== undefined && status.state.left.length === 0
  if (json === true) {
    const { machine, server } = identity ?? {}
    io.out(
      `${JSON.stringify({ running: isAlive, machine: machine ?? null, server: server ?? null, status: status ?? null })}\n`,
    )
    return isWell ? 0 : FAILED
  }
  if (identity === undefined) {
    io.out(`${files.whyNoIdentity()}: run the command that \`sallyport host enroll\` prints on the server\n`)
    return FAILED
  }
  io.out(`Host        ${identity.machine}\nServer      ${identity.server}\n`)
  if (status === undefined || !isAlive)
    io.out(
      'Agent       does not run; protected ports stay closed and open ones close on time: systemctl start sallyport-agent\n',
    )
  else io.out(statusLines(status, identity.machine))
  return isWell ? 0 : FAILED
}

/** `host`: its resource id; what is open on another machine is behind it. */
function statusLines(
  { pid, version, connectedSince, by, trouble, renewAt, recommendedVersion, state }: AgentStatus,
  host: string,
): string {
  const on = (machine: string): string =>
    machine.toLowerCase() === host.toLowerCase() ? '' : ` on ${machine.slice(machine.lastIndexOf('/') + 1)}`
  const connection =
    connectedSince === undefined
      ? `not connected: ${trouble ?? ''}`
      : `connected since ${timeText(connectedSince)} by ${by ?? ''}`
  const upgrade =
    recommendedVersion === undefined || recommendedVersion === version
      ? ''
      : `; the server recommends ${recommendedVersion}`
  const shields = state.shields.map(
    ({ machine, policy, ports }) =>
      `${ports.map(({ number, protocol }) => `${number}/${protocol}`).join(', ')}${on(machine)} (policy ${policy})`,
  )
  return [
    ['Agent', `${version}, process ${pid}${upgrade}`],
    ['Connection', connection],
    ['Certificate', `renewed by itself from ${timeText(renewAt)}`],
    ['Protected', shields.join('; ') || 'nothing'],
    ...(state.held.length === 0 ? [['Open', 'nothing']] : []),
    ...state.held.map(({ machine, port, protocol, source, until }) => [
      'Open',
      `${port}/${protocol}${on(machine)} from ${source} until ${timeText(until)}`,
    ]),
    ...state.left.map((text) => ['To do', text]),
  ]
    .map(([name = '', text]) => `${name.padEnd(11)} ${text}\n`)
    .join('')
}

function timeText(instant: number): string {
  return new Date(instant)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

async function doctorCommand(files: Folder, io: AgentProcess): Promise<number> {
  const findings = await diagnose(files, io.env)
  for (const { name, status, text, remedy } of findings) {
    io.out(`${status.padEnd(7)} ${name}: ${text}\n`)
    if (remedy !== undefined) io.out(`        what to do: ${remedy}\n`)
  }
  return findings.some(({ status }) => status === 'failed') ? FAILED : 0
}

async function uninstallCommand(files: Folder, { yes }: { yes?: true }, io: AgentProcess): Promise<number> {
  const release = await beTheOnlyOne(files.path)
  const removal = await planRemoval(files.readIdentity()?.machine ?? '')
  if (removal.text !== '') io.out(`${removal.text}; whoever the host's other rules let in gets in again\n`)
  const answer = yes === true ? 'yes' : await io.ask('Remove it, and forget who this host is? Type yes: ')
  if (answer?.trim() !== 'yes') {
    await removal.cancel()
    io.err('nothing was changed; type yes, or give --yes where nobody can be asked\n')
    return FAILED
  }
  await removal.carryOut()
  files.forget()
  release()
  io.out('done; remove the host on the server with: sallyport host remove NAME\n')
  return 0
}
