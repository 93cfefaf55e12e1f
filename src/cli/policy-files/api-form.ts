/** The API's own policies, as `policy show -o yaml` and `policy list -o json` print them. */
import { z } from 'zod'
import { jitPolicyBody } from '../../contract/jit-policy.ts'
import { shortName } from '../names/directory.ts'
import type { ReadDocument } from './document.ts'
import type { Understood } from './own-form.ts'
import type { Locate, Path } from './place.ts'
import { inShape, mistakesOfShape } from './shape.ts'
import { soundParts } from './sound-parts.ts'
import type { WantedPolicy } from './wanted-policy.ts'

const apiPolicy = z.object({ id: z.string().startsWith('/'), ...jitPolicyBody.shape })

/** One policy at `at` in the document. */
export function fromApiForm(value: unknown, { locate }: Pick<ReadDocument, 'locate'>, at: Path = []): Understood {
  const there = (path: Path) => locate([...at, ...path])
  const parsed = inShape(apiPolicy, value)
  if (parsed.success) return { policies: [wantedFrom(parsed.data, there)], mistakes: [] }
  const sound = soundParts(apiPolicy, value)
  const policies = sound === undefined ? [] : [wantedFrom(sound.data, (path) => there(sound.origin(path)))]
  return { policies, mistakes: mistakesOfShape(parsed.error, there) }
}

function wantedFrom({ id, properties }: z.infer<typeof apiPolicy>, locate: Locate): WantedPolicy {
  const { virtualMachines, selectors } = properties
  // What was chosen comes of the selectors, and only where they stand in the file too.
  const machines = selectors == null ? virtualMachines : virtualMachines.filter(({ chosenBy }) => chosenBy == null)
  return { name: shortName(id), id, machines, selectors: selectors ?? undefined, locate }
}
