/** Machines with what protects them and what is open on them: all of them, or a page that people search and sort. */
import type { App } from '../../app/app.ts'
import {
  browseMachines,
  type BrowsedMachine,
  type MachinePage,
  type MachineQuestion,
} from '../../app/machines/browse-machines.ts'
import { listMachines, type MachineView } from '../../app/machines/list-machines.ts'
import type { MachineQuery, WireMachine, WireMachineList } from '../../contract/machine.ts'
import { parseSelector } from '../../domain/policy/label-selector.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { formatSource } from '../../domain/net.ts'
import { formatDuration, formatInstant } from '../../domain/time.ts'
import { answered } from '../answer.ts'
import type { Handlers } from '../call.ts'
import { refusedAnswer } from '../errors.ts'
import { grantFrom } from '../wire/request-wire.ts'

export function machineRoutes(app: App): Pick<Handlers, 'Machines_List'> {
  return {
    Machines_List: async ({ query, caller }) => {
      const { top, named, selector } = query
      if (top === undefined || named !== undefined)
        return answered({ value: (await listMachines(app, caller, { named, top })).map(machineFrom) })
      const labels = selector === undefined ? undefined : parseSelector(selector)
      if (labels?.ok === false) return refusedAnswer(labels.refusals)
      const asked = questionFrom({ ...query, top })
      return answered(
        listFrom(await browseMachines(app, { ...asked, ...(labels && { labels: labels.value }) }, caller)),
      )
    },
  }
}

function questionFrom({
  sort,
  skip,
  descending,
  ids,
  selector: _selector,
  ...asked
}: MachineQuery & { readonly top: number }): MachineQuestion {
  const given = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  const kept = given as Pick<MachineQuestion, 'top'> // the schema's own names and values
  const only = ids?.split(',').map((id) => id.trim().toLowerCase() as ResourceKey) // an unknown one is no machine
  return {
    ...kept,
    ...(only && { ids: new Set(only) }),
    sort: sort ?? 'name',
    skip: skip ?? 0,
    descending: descending === true,
  }
}

function listFrom({ items, total, counts }: MachinePage): WireMachineList {
  return { value: items.map(browsedFrom), total, counts: { ...counts } }
}

function browsedFrom({ view, posture, use: { requests, last } }: BrowsedMachine): WireMachine {
  const machine = machineFrom(view)
  if (posture !== undefined) {
    const { findings: _findings, ...shown } = posture
    machine.posture = shown
  }
  return { ...machine, use: { requests, ...(last && { lastAt: formatInstant(last.at), lastUser: last.requestor }) } }
}

function machineFrom({ machine, policies, ports, live }: MachineView): WireMachine {
  const { id, name, location, os, privateAddresses, publicAddresses, points, unsupported, unreachableSince, labels } =
    machine
  return {
    id,
    name,
    location,
    os,
    privateAddresses: [...privateAddresses],
    publicAddresses: [...publicAddresses],
    points: [...points],
    ...(unsupported && { unsupported: { code: unsupported.code, message: unsupported.message } }),
    ...(unreachableSince !== undefined && { unreachableSince: formatInstant(unreachableSince) }),
    ...(labels && { labels: { ...labels } }),
    policies: [...policies],
    ports: ports.map((rule) => ({
      number: rule.number,
      protocol: rule.protocol,
      allowedSources: rule.sources.map(formatSource),
      maxRequestAccessDuration: formatDuration(rule.maxDuration),
      ...(rule.onExpiry !== 'keep' && { onExpiry: rule.onExpiry }),
    })),
    grants: live.map(grantFrom),
  }
}
