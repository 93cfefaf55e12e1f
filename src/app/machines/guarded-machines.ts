/** Which machines the policies name, and by which ports: kept policy by policy, so that one that changed is read alone. */
import type { ResourceKey } from '../../domain/resource-id.ts'
import { together, type Guarded } from './judge-machine.ts'

type Named = ReadonlyMap<ResourceKey, Guarded>

const NONE: Named = new Map()

export class GuardedMachines {
  readonly #byPolicy = new Map<ResourceKey, Named>()
  /** Of the policies that want to be told of some of their machines, these machines. */
  readonly #watched = new Map<ResourceKey, readonly ResourceKey[]>()
  /** The policies that name a machine. */
  readonly #naming = new Map<ResourceKey, readonly ResourceKey[]>()

  of(machine: ResourceKey): Guarded | undefined {
    const naming = this.#naming.get(machine) ?? []
    return together(naming.flatMap((policy) => this.#byPolicy.get(policy)?.get(machine) ?? []))
  }

  /** Those of which a policy wants to be told who stays connected when access has ended. */
  watched(): ReadonlySet<ResourceKey> {
    return new Set([...this.#watched.values()].flat())
  }

  policies(): IterableIterator<ResourceKey> {
    return this.#byPolicy.keys()
  }

  /** The policy as it is now, or without a list gone. Returns the machines for which that makes a difference. */
  put(policy: ResourceKey, now: Named = NONE): ResourceKey[] {
    const before = this.#byPolicy.get(policy) ?? NONE
    const changed = [...now].filter(([machine, { ports }]) => !isSame(ports, before.get(machine)?.ports))
    const left = [...before.keys()].filter((machine) => !now.has(machine))
    if (now.size === 0) this.#byPolicy.delete(policy)
    else this.#byPolicy.set(policy, now)
    const watched = [...now].filter(([, { isWatched }]) => isWatched)
    if (watched.length === 0) this.#watched.delete(policy)
    else
      this.#watched.set(
        policy,
        watched.map(([machine]) => machine),
      )
    for (const [machine] of changed) if (!before.has(machine)) this.#name(machine, policy)
    for (const machine of left) this.#unname(machine, policy)
    return [...changed.map(([machine]) => machine), ...left]
  }

  #name(machine: ResourceKey, policy: ResourceKey): void {
    this.#naming.set(machine, [...(this.#naming.get(machine) ?? []), policy])
  }

  #unname(machine: ResourceKey, policy: ResourceKey): void {
    const naming = (this.#naming.get(machine) ?? []).filter((each) => each !== policy)
    if (naming.length === 0) this.#naming.delete(machine)
    else this.#naming.set(machine, naming)
  }
}

function isSame(ports: Guarded['ports'], others: Guarded['ports'] | undefined): boolean {
  return (
    ports.length === others?.length &&
    ports.every(({ number, protocol }, at) => others[at]?.number === number && others[at].protocol === protocol)
  )
}
