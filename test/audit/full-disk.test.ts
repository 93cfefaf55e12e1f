/** The file of checkpoints on a disk that is full in the middle of a line: the kernel refuses what is beyond a size. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { StoredCheckpoint } from '../../src/app/ports/trail.ts'
import { lineFromCheckpoint } from '../../src/domain/audit/audit-checkpoint.ts'
import { checkpointFile } from '../../src/main/trail/checkpoint-file.ts'
import { NOON, SUBSCRIPTION } from '../store/builders.ts'

const UNSTOPPED = new AbortController().signal

const checkpoint = (number: number): StoredCheckpoint => {
  const about = { number, at: NOON, installation: SUBSCRIPTION, seq: number, hash: 'h', previous: 'p' }
  return { number, seq: number, line: lineFromCheckpoint({ ...about, key: 'k', signature: 's' }) }
}

/** Files of this process may grow to so many bytes; Node.js is told by an error, once the signal has a listener. */
function allowFilesOf(bytes: number | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`])
}

const ignore = (): void => {}
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), `sallyport-full-${process.pid}-`))
  process.on('SIGXFSZ', ignore)
})
afterEach(() => {
  allowFilesOf('unlimited')
  process.off('SIGXFSZ', ignore)
  rmSync(folder, { recursive: true })
})

it('a checkpoint that the full disk took half of stands there once and whole when there is room again', async () => {
  const path = join(folder, 'audit-checkpoints.jsonl')
  const place = checkpointFile(path)
  expect(await place.last()).toBe(0)
  await place.write([checkpoint(1)], UNSTOPPED)
  allowFilesOf(statSync(path).size + 20)
  await expect(place.write([checkpoint(2)], UNSTOPPED)).rejects.toThrow('EFBIG')
  expect(readFileSync(path, 'utf8')).toMatch(/\n\{"number":2[^\n]*$/)
  allowFilesOf('unlimited')
  expect(await place.last()).toBe(1)
  await place.write([checkpoint(2)], UNSTOPPED)
  expect(readFileSync(path, 'utf8')).toBe(`${checkpoint(1).line}\n${checkpoint(2).line}\n`)
  expect(await place.last()).toBe(2)
})
