/**
 * What comes before everything else: a question for the version is answered without loading the program, and compiled
 * code is kept from one start to the next.
 */
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { keepKnownWarningsQuiet } from './known-warnings.ts'
import { ownFolder } from './own-folder.ts'

interface Beginning {
  readonly args: readonly string[]
  /** A folder for what is compiled; undefined where there is no safe one. */
  readonly cache: string | undefined
}

type CommandLine = (args: readonly string[]) => Promise<number>

/** `load` brings the program, which is what most of the time of a start goes into. */
export async function start(
  version: string,
  load: (beginning: Beginning) => CommandLine | Promise<CommandLine>,
): Promise<void> {
  const args = process.argv.slice(2)
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    process.stdout.write(`${version}\n`)
    return
  }
  keepKnownWarningsQuiet(process)
  const { platform, env } = process
  const cache = ownFolder(cacheFolder({ platform, env, home: homedir(), path }))
  if (cache !== undefined) enableCompileCache(cache)
  const run = await load({ args, cache })
  const exit = await run(args)
  if (exit !== 0) process.exitCode = exit
}
