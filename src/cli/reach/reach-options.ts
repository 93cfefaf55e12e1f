/** What `ssh`, `scp`, `rdp`, `winrm` and `connect` take: as little as possible, for whoever wants in. */
import { Option, type Command } from 'commander'
import { parseAccessOptions, type ParsedAccess } from '../options/access-options.ts'

export interface ReachOptions {
  readonly for?: string
  readonly until?: string
  readonly from?: string
  readonly justification?: string
  readonly policy?: string
  readonly timeout: string
  readonly address?: string
  readonly close?: boolean
  readonly keep?: boolean
}

export function withReachOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--for <time>',
        'how long to ask for: 2h30m or PT2H30M (default: 1h, or the policy’s longest)',
      ).conflicts('until'),
    )
    .option('--until <time>', 'until when to ask for, with a zone: 2026-01-31T18:00:00Z')
    .option('--from <sources>', 'who gets in: me, addresses or CIDR prefixes, with commas between', 'me')
    .option('--justification <text>', 'why; kept in the audit trail')
    .option('--policy <policy>', 'which policy to ask, where several cover the machine')
    .option('--timeout <time>', 'how long to wait until it is really open', '60s')
    .option('--address <address>', 'the machine’s address to connect to, where it has several')
    .addOption(new Option('--close', 'close the port again when done, without asking').conflicts('keep'))
    .option('--keep', 'leave the port open until its end, without asking')
}

export function parseReachOptions(options: ReachOptions): ParsedAccess {
  return parseAccessOptions({ ...options, port: [], wait: true }) // the port is chosen by each command
}
