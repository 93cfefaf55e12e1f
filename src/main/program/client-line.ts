/** The client's commands, and of the server's own the names. */
import { Command } from 'commander'
import type { VerifyFolder } from '../../cli/commands/audit/verify.ts'
import { ioOf } from '../../cli/io.ts'
import { buildProgram } from '../../cli/program.ts'
import { runCli } from '../../cli/run.ts'
import { SERVER_COMMANDS } from './server-commands.ts'

/** `verifyFolder` comes from a program that has the server in it; then help tells of the server's commands too. */
export function clientLine(version: string, verifyFolder?: VerifyFolder) {
  return (args: readonly string[]): Promise<number> => {
    const io = ioOf(process, version)
    if (verifyFolder === undefined) return runCli(buildProgram(io, {}, args), args, io)
    const program = buildProgram(io, { verifyFolder }, args)
    for (const [name, does] of Object.entries(SERVER_COMMANDS)) program.addCommand(new Command(name).description(does))
    return runCli(program, args, io)
  }
}
