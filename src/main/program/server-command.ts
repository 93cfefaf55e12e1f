/** `sallyport server` and `sallyport config check|new-token|move-to-postgres`: the commands that are the server's own. */
import { Command } from 'commander'
import { loadConfig, OPTIONS, type Config, type ConfigKey } from '../config/config.ts'
import { withExamples, type Example } from '../../cli/help/examples.ts'
import { wrapTo } from '../../cli/show/text-width.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { SERVER_COMMANDS } from './server-commands.ts'

const EXIT_SERVER = 1
/** Columns of what is no terminal. */
const NO_TERMINAL = 80
const EXIT_USAGE = 2

export function serverCommand(version: string): Command {
  const command = withOptions(new Command('server').description(SERVER_COMMANDS.server)).addHelpText(
    'after',
    () => `\n${wrapTo(SERVER_TEXT, process.stdout.columns ?? NO_TERMINAL).join('\n')}`,
  )
  return withExamples(command, SERVER_EXAMPLES).action(async (flags: Flags) => {
    const config = await configOrExit(flags)
    if (config !== undefined) await serveUntilToldToStop(config, version)
  })
}

function newTokenCommand(): Command {
  const command = withOptions(
    new Command('new-token').description('make another administrator token, for one that was lost or seen by others'),
    WHERE_IT_IS_KEPT,
  ).addHelpText('after', () => `\n${wrapTo(TOKEN_TEXT, process.stdout.columns ?? NO_TERMINAL).join('\n')}`)
  return withExamples(command, TOKEN_EXAMPLES).action(async (flags: Flags) => {
    const config = await configOrExit(flags)
    if (config === undefined) return
    const { replaceAdminToken } = await import('../installation/replace-admin-token.ts')
    try {
      const file = await replaceAdminToken(config)
      const when = config.database === undefined ? '' : ', within two seconds also at servers that are running'
      process.stderr.write(`the new administrator token is in ${file}; the one before counts no more${when}\n`)
    } catch (cause) {
      complainOf(cause)
    }
  })
}

function moveCommand(): Command {
  const command = withOptions(
    new Command('move-to-postgres').description('take everything from the data folder’s database into PostgreSQL'),
    WHERE_IT_IS_KEPT,
  ).addHelpText('after', () => `\n${wrapTo(MOVE_TEXT, process.stdout.columns ?? NO_TERMINAL).join('\n')}`)
  return withExamples(command, [MOVE_EXAMPLE]).action(async (flags: Flags) => {
    const config = await configOrExit(flags)
    if (config === undefined) return
    const { moveInstallation } = await import('../installation/move-installation.ts')
    try {
      const { rows, kept } = await moveInstallation(config)
      process.stderr.write(
        `${rows} rows are in PostgreSQL, and the audit trail is the same there; start the server with --database\n` +
          `the database of before is kept as ${kept}\n`,
      )
    } catch (cause) {
      complainOf(cause)
    }
  })
}

export function configCommand(): Command {
  const check = withOptions(new Command('check').description('check the configuration and print what would be used'))
    .option('--online', 'ask the issuers of the configuration whether they answer')
    .action(async ({ online, ...flags }: Flags & { readonly online?: true }) => {
      const config = await configOrExit(flags)
      if (config === undefined) return
      const { checkConfig } = await import('../config/check-config.ts')
      const { text, isGood } = await checkConfig(config, { isOnline: online === true })
      process.stdout.write(text)
      if (!isGood) process.exitCode = EXIT_SERVER
    })
  withExamples(check, [CONFIG_EXAMPLE, ONLINE_EXAMPLE])
  const group = new Command('config').description(SERVER_COMMANDS.config)
  return withExamples(group, [CONFIG_EXAMPLE]).addCommand(check).addCommand(newTokenCommand()).addCommand(moveCommand())
}

const SERVER_TEXT =
  'Every option may also be an environment variable (SALLYPORT_DATA, SALLYPORT_LISTEN, …) or a line of the configuration file, a YAML mapping; a flag wins over the environment, the environment over the file.'

/** The server's other options change nothing about it. */
const WHERE_IT_IS_KEPT: readonly ConfigKey[] = ['data', 'database']

const TOKEN_TEXT =
  'Run it as the user that the server runs as, with its configuration. A server with a database of its own must be stopped for it; servers that share a PostgreSQL go on, and take the new token instead of the one before within two seconds.'

const TOKEN_EXAMPLES: readonly Example[] = [
  {
    does: 'the server is stopped, and the token was lost',
    line: 'sallyport config new-token --data /var/lib/sallyport',
  },
  { does: 'on one of several servers', line: 'sallyport config new-token --config /etc/sallyport.yaml' },
]

const MOVE_TEXT =
  'Stop the server first, and run it as the user that the server runs as. The PostgreSQL database must be empty. All is taken over or nothing: users, roles, policies, requests, what is open, the whole audit trail. The files of the data folder stay where they are, and are needed on.'

const MOVE_EXAMPLE: Example = {
  does: 'the server is stopped, and others are to share its work',
  line: 'sallyport config move-to-postgres --data /var/lib/sallyport --database postgres://sallyport@db/sallyport',
}

const SERVER_EXAMPLES: readonly Example[] = [
  { does: 'protect this host', line: 'sallyport server --data /var/lib/sallyport' },
  { does: 'try it on simulated machines', line: 'sallyport server --data /tmp/try --fleet fleet.json' },
  { does: 'for others too', line: 'sallyport server --listen 0.0.0.0:443 --tls-cert c.pem --tls-key k.pem' },
]

const CONFIG_EXAMPLE: Example = {
  does: 'what would the server use?',
  line: 'sallyport config check --config /etc/sallyport.yaml',
}

const ONLINE_EXAMPLE: Example = {
  does: 'do the issuers that it names answer?',
  line: 'sallyport config check --online',
}

type Flags = Partial<Record<ConfigKey, string | boolean>> & { readonly config?: string }

function withOptions(command: Command, wanted?: readonly ConfigKey[]): Command {
  command.option('--config <FILE>', 'YAML file with options (SALLYPORT_CONFIG; /etc/sallyport.yaml if it is there)')
  for (const { key, flag, variable, text, fallback } of OPTIONS) {
    if (wanted?.includes(key) === false) continue
    const value = key === 'trustClock' ? '' : ` <${flag.split('-').at(-1)?.toUpperCase() ?? 'VALUE'}>`
    command.option(`--${flag}${value}`, `${text} (${variable}${fallback === undefined ? '' : `; ${fallback}`})`)
  }
  return command
}

async function configOrExit({ config: file, ...flags }: Flags): Promise<Config | undefined> {
  const loaded = await loadConfig({ flags, env: process.env, file })
  if (loaded.ok) return loaded.value
  complain(loaded.refusals)
  process.exitCode = EXIT_USAGE
  return undefined
}

function complain(refusals: readonly Refusal[]): void {
  process.stderr.write(
    `sallyport: the configuration cannot be used\n${refusals.map(({ message }) => `  ${message}\n`).join('')}`,
  )
}

/** Loaded here and not above: the other commands must not wait for what only the server needs. */
async function serveUntilToldToStop(config: Config, version: string): Promise<void> {
  const { serve } = await import('../serve.ts')
  // Before anybody can know that it serves: a signal that comes earlier would end it without its last words.
  const told = toldToStop()
  try {
    const serving = await serve(config, version)
    process.stderr.write(`${serving.notice ?? ''}sallyport ${version} serves on ${serving.url}\n`)
    await told
    await serving.stop()
  } catch (cause) {
    complainOf(cause)
  }
}

function complainOf(cause: unknown): void {
  process.stderr.write(`sallyport: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exitCode = EXIT_SERVER
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
  })
}
