/** The entry point: the command line, with the server's own commands beside the client's. */
import { Command } from 'commander'
import { ioOf } from '../cli/io.ts'
import { buildProgram } from '../cli/program.ts'
import { runCli } from '../cli/run.ts'
import packageJson from '../../package.json' with { type: 'json' }

const { version } = packageJson
const args = process.argv.slice(2)
const io = ioOf(process, version)
const program = buildProgram(io, {
  verifyFolder: async (folder) => (await import('./verify-folder.ts')).verifyFolder(folder),
})
for (const command of await serverCommands()) program.addCommand(command)
const exit = await runCli(program, args, io)
if (exit !== 0) process.exitCode = exit

/** Their options bring the configuration's schema along; who does not name them gets their names alone, for the help. */
async function serverCommands(): Promise<Command[]> {
  if (!args.some((word) => word === 'server' || word === 'config')) {
    return [
      new Command('server').description('serve: keep ports closed, open them on request, close them in time'),
      new Command('config').description('look at the server’s configuration'),
    ]
  }
  const { configCommand, serverCommand } = await import('./server-command.ts')
  return [serverCommand(version), configCommand()]
}
