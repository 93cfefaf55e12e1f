/** The whole program, for whoever names a command of the server's own. */
import { ioOf } from '../../cli/io.ts'
import { buildProgram } from '../../cli/program.ts'
import { runCli } from '../../cli/run.ts'
import { configCommand, serverCommand } from './server-command.ts'

export function serverLine(version: string) {
  return (args: readonly string[]): Promise<number> => {
    const io = ioOf(process, version)
    const program = buildProgram(io).addCommand(serverCommand(version)).addCommand(configCommand())
    return runCli(program, args, io)
  }
}
