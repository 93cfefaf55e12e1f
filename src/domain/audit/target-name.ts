/**
 * How people call what an event is about. People, groups and programs go by ids that nobody knows; their events say the name as it
 * was then, for it may be another's now. Undefined where the target says it itself.
 */
export interface Told {
  readonly actor: string
  readonly target: string
  readonly data: Readonly<Record<string, unknown>>
}

export function targetNameOf({ actor, target, data: { name, actorId } }: Told): string | undefined {
  if (typeof name === 'string' && name !== '') return name
  return target !== '' && target === actorId ? actor : undefined
}
