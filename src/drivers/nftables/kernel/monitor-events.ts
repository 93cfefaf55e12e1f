/**
 * The fallback for ruleset events: a long-lived `nft monitor`. It is started again when it dies, and says that events may
 * have been lost meanwhile.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RulesetEvents } from './ruleset-events.ts'

const RESTART_AFTER = 1000
/** By then the child listens; what happened before is told as lost, because it does not say when it begins. */
const LISTENS_AFTER = 1000

export function monitorEvents(command = 'nft'): RulesetEvents {
  return (onEvent) => {
    let child: ChildProcess | undefined
    let timer: NodeJS.Timeout | undefined
    let isStopped = false
    const start = (): void => {
      child = watch(command, onEvent)
      child.once('close', () => {
        if (isStopped) return
        clearTimeout(timer)
        timer = setTimeout(start, RESTART_AFTER)
        timer.unref()
      })
      timer = setTimeout(() => onEvent('lost'), LISTENS_AFTER)
      timer.unref()
    }
    start()
    return () => {
      isStopped = true
      clearTimeout(timer)
      child?.kill()
    }
  }
}

function watch(command: string, onEvent: Parameters<RulesetEvents>[0]): ChildProcess {
  const child = spawn(command, ['monitor'], { stdio: ['ignore', 'pipe', 'ignore'] })
  child.on('error', () => undefined) // it closes as well, and is started again
  let tables = new Set<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const change = /^# new generation (\d+) by process (\d+) \((.*)\)$/.exec(line)
    if (change === null) {
      const table = tableIn(line)
      if (table !== undefined) tables.add(table)
      return
    }
    onEvent({ generation: Number(change[1]), process: Number(change[2]), name: change[3] ?? '', tables })
    tables = new Set()
  })
  return child
}

/** `add element inet sallyport g4_32 { … }`: the family and the table of anything that was added or deleted. */
function tableIn(line: string): string | undefined {
  const match =
    /^\S+ (?:table|chain|rule|set|map|element|counter|quota|limit|flowtable|ct \S+|synproxy|secmark) (\S+) (\S+)/.exec(
      line,
    )
  return match === null ? undefined : `${match[1]} ${match[2]}`
}
