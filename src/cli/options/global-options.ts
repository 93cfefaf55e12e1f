/**
 * Options that every command takes, before or after its verb. They are defined on each level, because options of the
 * program alone would swallow those of the same name of other commands (`server --ready-file`).
 */
import { Option, type Command } from 'commander'
import { FORMATS, type Format } from '../show/output.ts'

export interface GlobalOptions {
  readonly output?: Format
  readonly server?: string
  readonly context?: string
  readonly caFile?: string
  readonly tokenFile?: string
  readonly readyFile?: string
  readonly utc?: boolean
  readonly query?: string
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly curl?: boolean
}

export const GLOBAL_OPTIONS = 'Global options:'

/** Made once; every command has these. */
const OPTIONS = [
  new Option('-o, --output <format>', 'how data is printed; also SALLYPORT_OUTPUT (default: table)').choices([
    ...FORMATS,
  ]),
  new Option('--query <jmespath>', 'print only this part of the data (https://jmespath.org)'),
  new Option('--server <url>', 'the server; also SALLYPORT_SERVER'),
  new Option('--context <name>', 'one of the servers that you signed in to; also SALLYPORT_CONTEXT'),
  new Option('--token-file <file>', 'a file holding your token; also SALLYPORT_TOKEN_FILE, or SALLYPORT_TOKEN'),
  new Option('--ready-file <file>', 'where a server on this machine says how to reach it; also SALLYPORT_READY_FILE'),
  new Option('--ca-file <file>', 'an authority to trust for the server’s certificate; also SALLYPORT_CA_FILE'),
  new Option('--utc', 'show times in UTC instead of local time'),
  new Option('-q, --quiet', 'say nothing but errors').conflicts('verbose'),
  new Option('--verbose', 'tell every call to the server'),
  new Option('--curl', 'print the curl calls instead of changing anything'),
].map((option) => option.helpGroup(GLOBAL_OPTIONS))

const WITHOUT_YET = new WeakSet<Command>()

/** The command has them from when it is looked at: seventy commands with a dozen options would be half of every start. */
export function withGlobalOptions(command: Command): Command {
  WITHOUT_YET.add(command)
  return command.hook('preSubcommand', (_above, below) => completeOptions(below))
}

/** Before a command is parsed, shown or completed. */
export function completeOptions(command: Command): void {
  if (WITHOUT_YET.delete(command)) for (const option of OPTIONS) command.addOption(option)
}

/** Every option of the command; a global one given nearest to the verb wins. */
export function optionsOf(command: Command): GlobalOptions {
  const levels: Command[] = []
  for (let level: Command | null = command; level !== null; level = level.parent) levels.unshift(level)
  return Object.assign({}, ...levels.map((level) => level.opts())) as GlobalOptions // as defined by withGlobalOptions
}
