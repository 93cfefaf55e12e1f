/** The whole program, for what is written about it and tested of it. Nothing of it is run. */
import type { Command } from 'commander'
import { ioOf } from '../src/cli/io.ts'
import { buildProgram } from '../src/cli/program.ts'
import { configCommand, serverCommand } from '../src/main/program/server-command.ts'

const io = ioOf(process, '')

export function theProgram(): Command {
  return buildProgram(io).addCommand(serverCommand('')).addCommand(configCommand())
}
