/** The whole program: the client's commands and the server's. */
import { Command } from 'commander'
import { ioOf } from '../cli/io.ts'
import { buildProgram } from '../cli/program.ts'
import { runCli } from '../cli/run.ts'

export function commandLine(version: string) {
  return async (args: readonly string[]): Promise<number> => {
    const io = ioOf(process, version)
    const program = buildProgram(io, {
      verifyFolder: async (folder) => (await import('./verify-folder.ts')).verifyFolder(folder),
    })
    for (const command of await serverCommands(version, args)) program.addCommand(command)
    return runCli(program, args, io)
  }
}

/** Their options bring the configuration's schema along; who does not name them gets their names alone, for the help. */
async function serverCommands(version: string, args: readonly string[]): Promise<Command[]> {
  if (!args.some((word) => word === 'server' || word === 'config')) {
    return [
      new Command('server').description('serve: keep ports closed, open them on request, close them in time'),
      new Command('config').description('look at the server’s configuration'),
    ]
  }
  const { configCommand, serverCommand } = await import('./server-command.ts')
  return [serverCommand(version), configCommand()]
}
