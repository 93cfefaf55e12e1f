/** The API's own policies, as `policy show -o yaml` and `policy list -o json` print them. */
import { z } from 'zod'
import { jitPolicyBody } from '../../contract/jit-policy.ts'
import { shortName } from '../directory.ts'
import type { ReadDocument } from './document.ts'
import type { Understood } from './own-form.ts'
import type { Path } from './place.ts'
import { mistakesOfShape } from './shape.ts'

const apiPolicy = z.object({ id: z.string().startsWith('/'), ...jitPolicyBody.shape })

/** One policy at `at` in the document. */
export function fromApiForm(value: unknown, { locate }: Pick<ReadDocument, 'locate'>, at: Path = []): Understood {
  const there = (path: Path) => locate([...at, ...path])
  const parsed = apiPolicy.safeParse(value)
  if (!parsed.success) return { policies: [], mistakes: mistakesOfShape(parsed.error, there) }
  const { id, properties } = parsed.data
  const { virtualMachines, selectors } = properties
  // What was chosen comes of the selectors, and only where they stand in the file too.
  const machines = selectors == null ? virtualMachines : virtualMachines.filter(({ chosenBy }) => chosenBy == null)
  const policy = { name: shortName(id), id, machines, selectors: selectors ?? undefined, locate: there }
  return { policies: [policy], mistakes: [] }
}
