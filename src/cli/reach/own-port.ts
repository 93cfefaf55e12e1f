/**
 * The port that somebody gave to ssh or scp themselves, `ssh web1 -p 2222`: it is the one to open, so it becomes ours. And
 * what is none of theirs, before anything is opened for it. Pure.
 */
import { usageFailure } from '../failure.ts'

/** Options of these programs that take a value, and which of them is the port: ssh(1), scp(1). */
const SSH = { port: 'p', withValue: 'BbcDEeFIiJLlmOoPpQRSWw' } as const
const SCP = { port: 'P', withValue: 'cDFiJloPSX' } as const
const PROGRAMS = { ssh: SSH, scp: SCP } as const

export interface OwnPort {
  readonly port: string | undefined
  /** The arguments without it. */
  readonly rest: readonly string[]
}

/** Only options that stand first are the program's: what follows the first word without a dash is a command, or files. */
export function takeOwnPort(program: keyof typeof PROGRAMS, args: readonly string[]): OwnPort {
  const { port: letter, withValue } = PROGRAMS[program]
  const [first, ...others] = args
  if (first !== undefined) refuseLong(program, first)
  if (first === undefined || !/^-[^-]/.test(first)) return { port: undefined, rest: args }
  // Several without a value may stand in one word, and the last of them may have one: -4Np 2222.
  const at = 1 + first.slice(1).search(new RegExp(`[${withValue}]`))
  const isApart = at === first.length - 1
  const following = takeOwnPort(program, isApart ? others.slice(1) : others)
  if (first[at] !== letter) {
    const kept = [first, ...(isApart ? others.slice(0, 1) : [])]
    return { port: following.port, rest: [...kept, ...following.rest] }
  }
  const before = at === 1 ? [] : [first.slice(0, at)]
  return { port: isApart ? (others[0] ?? '') : first.slice(at + 1), rest: [...before, ...following.rest] }
}

/** Neither has long options. One of ours that stands among theirs was not heard: `--curl`, by which nothing is opened. */
export function refuseLong(program: keyof typeof PROGRAMS, arg: string): void {
  if (!/^--./.test(arg)) return
  const where = program === 'ssh' ? 'the machine' : 'the files'
  throw usageFailure(
    `${program} has no option '${arg}'`,
    `options of sallyport stand before ${where}: sallyport ${program} ${arg} …`,
  )
}
