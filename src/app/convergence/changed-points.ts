/** Where something else stands behind a point than before: a machine came, went, was made again, or moved. */
import type { Machine, PointId } from '../ports/inventory.ts'
import type { Machines } from '../clouds/cloud-reading.ts'

export interface ChangedPoints {
  /** As they were and as they are. */
  readonly machines: readonly Machine[]
  readonly points: readonly PointId[]
}

export function changedPoints(before: Machines, after: Machines): ChangedPoints {
  const machines: Machine[] = []
  for (const machine of after.sorted) {
    const was = before.byKey.get(machine.key)
    if (was !== undefined && isSame(was, machine)) continue
    machines.push(machine, ...(was === undefined ? [] : [was]))
  }
  for (const machine of before.sorted) if (!after.byKey.has(machine.key)) machines.push(machine)
  return { machines, points: [...new Set(machines.flatMap(({ points }) => points))].sort() }
}

function isSame(a: Machine, b: Machine): boolean {
  return shapeOf(a) === shapeOf(b) && a.points.length === b.points.length && a.points.every((p) => b.points.includes(p))
}

function shapeOf({ shape, vmId, privateAddresses, unsupported }: Machine): string {
  return shape ?? `${vmId ?? ''} ${privateAddresses.join(' ')} ${unsupported?.code ?? ''}`
}
