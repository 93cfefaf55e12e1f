/** The entry point: the command line, with the server's own commands beside the client's. */
import { ioOf } from '../cli/io.ts'
import { buildProgram } from '../cli/program.ts'
import { runCli } from '../cli/run.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { configCommand, serverCommand } from './server-command.ts'

const { version } = packageJson
const io = ioOf(process, version)
const program = buildProgram(io).addCommand(serverCommand(version)).addCommand(configCommand())
const exit = await runCli(program, process.argv.slice(2), io)
if (exit !== 0) process.exitCode = exit
