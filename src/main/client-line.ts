/** The client's commands and nothing of the server. */
import { ioOf } from '../cli/io.ts'
import { buildProgram } from '../cli/program.ts'
import { runCli } from '../cli/run.ts'

export function clientLine(version: string) {
  return (args: readonly string[]): Promise<number> => {
    const io = ioOf(process, version)
    return runCli(buildProgram(io), args, io)
  }
}
