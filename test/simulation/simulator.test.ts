import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSqliteStore } from '../../src/store/open-sqlite.ts'
import { PLANTED, withBug } from './planted.ts'
import { runSeed, type Ground } from './run-seed.ts'

const MINUTES = 60_000
let ground: Ground

beforeAll(async () => {
  const parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `sallyport-simtest-${process.pid}-`))
  ground = { parent, template: mkdtempSync(join(parent, 'template-')) }
  await (await openSqliteStore(ground.template)).close()
})

afterAll(() => rmSync(ground.parent, { recursive: true, force: true }))

describe('the simulation', () => {
  it('replays a seed exactly, and another seed is another life', async () => {
    const first = await runSeed(7, ground)
    const again = await runSeed(7, ground)
    const other = await runSeed(8, ground)
    expect(again.trace).toEqual(first.trace)
    expect(other.trace).not.toEqual(first.trace)
  })

  it('lets grants open: a life in which nothing opens proves nothing', async () => {
    const lives = [await runSeed(1, ground), await runSeed(2, ground), await runSeed(3, ground)]
    expect(lives.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
    expect(lives.reduce((sum, { opened }) => sum + opened, 0)).toBeGreaterThan(0)
  })

  it.each(PLANTED.map((bug) => [bug.name, bug.breaks] as const))(
    'finds a planted bug: %s (breaks invariant %i)',
    async (name, invariant) => {
      const { code, output } = await simulate('--plant', name, '--seeds', '400', '--bail')
      expect(output).toMatch(new RegExp(`^seed \\d+: invariant ${invariant}: `, 'm'))
      expect(output).toMatch(/replay: npm run simulate -- --seed \d+/)
      expect(code).toBe(1)
    },
    4 * MINUTES,
  )

  it('holds over the driver of Azure too, in the same order for the same seed', async () => {
    const inAzure: Ground = { ...ground, where: 'azure' }
    const lives = [await runSeed(1, inAzure), await runSeed(2, inAzure), await runSeed(3, inAzure)]
    expect(lives.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
    expect(lives.reduce((sum, { opened }) => sum + opened, 0)).toBeGreaterThan(0)
    expect((await runSeed(3, inAzure)).trace).toEqual(lives[2]?.trace)
  })

  it('holds over a VPC of AWS too, call by call, in the same order for the same seed', async () => {
    const inAws: Ground = { ...ground, where: 'aws' }
    const lives = [await runSeed(1, inAws), await runSeed(2, inAws), await runSeed(3, inAws)]
    expect(lives.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined])
    expect(lives.some(({ trace }) => trace.some((line) => line.includes('EC2 fails')))).toBe(true)
    expect((await runSeed(3, inAws)).trace).toEqual(lives[2]?.trace)
  })

  it('refuses to plant a bug in a text that has changed', () => {
    const bug = { name: 'x', module: 'src/x.ts', good: 'good', bad: 'bad', breaks: 1 }
    expect(() => withBug(bug, 'better')).toThrow('write the bug anew')
    expect(() => withBug(bug, 'good good')).toThrow('write the bug anew')
  })
})

function simulate(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('simulate.ts', import.meta.url)), ...args])
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}
