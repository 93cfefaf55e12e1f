/**
 * `npm run simulate -- --seeds 2000`: many lives, on every core. `--seed S` replays one and prints what happened.
 * Exit code 1 when an invariant was broken; the line that says so names the seed.
 */
import { fork } from 'node:child_process'
import { availableParallelism, tmpdir } from 'node:os'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Where } from './cloud.ts'
import type { Ground } from './run-seed.ts'
import { plant } from './planted.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    step: { type: 'string', default: '1' },
    seed: { type: 'string' },
    worker: { type: 'boolean', default: false },
    // For the simulator's own test: a bug to look for, and how to stop at the first that is found.
    plant: { type: 'string' },
    // Where the security groups are: memory, or azure (the double, by Microsoft's own libraries); aws adds a VPC to memory.
    where: { type: 'string', default: 'memory' },
    bail: { type: 'boolean', default: false },
  },
})

const where: Where = values.where === 'azure' || values.where === 'aws' ? values.where : 'memory'
const WHERE = where === 'memory' ? '' : ` --where ${where}`

// Modules are loaded after a bug is planted in them.
if (values.plant !== undefined) plant(values.plant)
const { openSqliteStore } = await import('../../src/store/open-sqlite.ts')
const { runSeed } = await import('./run-seed.ts')

const parent = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `sallyport-sim-${process.pid}-`))
try {
  process.exitCode = values.seed === undefined ? await manySeeds() : await oneSeed(Number(values.seed))
} finally {
  rmSync(parent, { recursive: true, force: true })
}

async function ground(): Promise<Ground> {
  const template = mkdtempSync(join(parent, 'template-'))
  const store = await openSqliteStore(template)
  await store.close()
  return { template, parent, where }
}

async function oneSeed(seed: number): Promise<number> {
  const { trace, failure } = await runSeed(seed, await ground())
  for (const line of trace) console.log(line)
  console.log(failure === undefined ? `seed ${seed}: every invariant held` : `seed ${seed}: ${failure}`)
  return failure === undefined ? 0 : 1
}

async function manySeeds(): Promise<number> {
  const seeds = Number(values.seeds)
  if (!Number.isInteger(seeds) || seeds < 1) throw new Error(`--seeds is a whole number from 1; got '${values.seeds}'`)
  return values.worker ? work(seeds) : share(seeds)
}

/** A part of the seeds, in this process. */
async function work(seeds: number): Promise<number> {
  const on = await ground()
  let failed = 0
  let total = 0
  for (let seed = Number(values.first); seed <= seeds; seed += Number(values.step)) {
    const { failure, opened } = await runSeed(seed, on)
    total += opened
    if (failure !== undefined)
      console.log(`seed ${seed}: ${failure}\n  replay: npm run simulate -- --seed ${seed}${WHERE}`)
    if (failure !== undefined) failed += 1
    if (failed > 0 && values.bail) break
  }
  console.log(`${total} grants were open at some time`)
  if (total === 0 && failed === 0) throw new Error('no grant was ever open: this simulation proves nothing')
  return failed > 0 ? 1 : 0
}

async function share(seeds: number): Promise<number> {
  const began = performance.now()
  const workers = Math.min(availableParallelism(), seeds)
  const codes = await Promise.all(Array.from({ length: workers }, (_, index) => worker(seeds, index + 1, workers)))
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  const bad = codes.filter((code) => code !== 0).length
  console.log(
    `${seeds} seeds in ${seconds} s: ${bad === 0 ? 'every invariant held' : 'an invariant was broken, see above'}`,
  )
  return bad === 0 ? 0 : 1
}

function worker(seeds: number, first: number, step: number): Promise<number> {
  const args = ['--worker', '--seeds', seeds, '--first', first, '--step', step].map(String)
  if (values.plant !== undefined) args.push('--plant', values.plant)
  if (values.bail) args.push('--bail')
  args.push('--where', values.where)
  const child = fork(new URL(import.meta.url), args)
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
}
