/**
 * Bugs that must be found. Each is a change to the text of one module while it is loaded, in a process of its own: the
 * product knows nothing of it. A text that is not there exactly once is an error, so that a bug cannot fade unnoticed.
 */
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { fileURLToPath } from 'node:url'

export interface PlantedBug {
  readonly name: string
  /** From the root of the repository. */
  readonly module: string
  readonly good: string
  readonly bad: string
  /** The invariant by which it is found most often. */
  readonly breaks: number
}

export const PLANTED: readonly PlantedBug[] = [
  {
    name: 'record after act',
    module: 'src/app/convergence/reconcile.ts',
    good: `    if (!sameJournal(plan.journal, view.journal)) await writeJournal(deps, point, view, plan.journal)
    await driver.apply(point, plan, signal)
`,
    bad: `    await driver.apply(point, plan, signal)
    if (!sameJournal(plan.journal, view.journal)) await writeJournal(deps, point, view, plan.journal)
`,
    breaks: 3,
  },
  {
    name: 'closing forgotten on crash',
    module: 'src/store/points.ts',
    good: `.set({ lease_owner: p.owner, lease_until: p.until, due_at: p.until })`,
    bad: `.set({ lease_owner: p.owner, lease_until: p.until, due_at: null })`,
    breaks: 2,
  },
  {
    name: 'holes counted by request',
    module: 'src/app/convergence/point-view.ts',
    good: `return rows.filter(({ grant }) => isWanted(grant, now)).map(({ grant }) => grant)`,
    bad: `const over = new Set(rows.filter(({ grant }) => !isWanted(grant, now)).flatMap(({ grant }) => slotsOf(grant)))
  return rows.flatMap(({ grant }) => (isWanted(grant, now) && !slotsOf(grant).some((slot) => over.has(slot)) ? [grant] : []))`,
    breaks: 5,
  },
  {
    name: 'a revocation during a pass is overwritten',
    module: 'src/app/convergence/reconcile.ts',
    good: `if (row.wanted === begun.wanted) return [...seen]`,
    bad: `if (row.wanted >= begun.wanted) return [...seen]`,
    breaks: 7,
  },
]

/** From now on, the module is loaded with the bug. */
export function plant(name: string): void {
  const bug = PLANTED.find((candidate) => candidate.name === name)
  if (bug === undefined)
    throw new Error(`'${name}' is not a planted bug; there are: ${PLANTED.map((one) => one.name).join(', ')}`)
  const url = new URL(`../../${bug.module}`, import.meta.url).href
  const source = withBug(bug, readFileSync(fileURLToPath(url), 'utf8'))
  registerHooks({
    load: (asked, context, next) =>
      asked === url
        ? { format: 'module', source: stripTypeScriptTypes(source), shortCircuit: true }
        : next(asked, context),
  })
}

export function withBug({ name, module, good, bad }: PlantedBug, text: string): string {
  if (text.split(good).length !== 2)
    throw new Error(`'${name}' cannot be planted: ${module} no longer has its text exactly once; write the bug anew`)
  return text.replace(good, () => bad)
}
