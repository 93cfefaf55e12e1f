/** Machines with what protects them and what is open on them. */
import type { App } from '../../app/app.ts'
import { listMachines, type MachineView } from '../../app/list-machines.ts'
import type { WireMachine, WireMachineList } from '../../contract/machine.ts'
import { formatSource } from '../../domain/net.ts'
import { formatDuration } from '../../domain/time.ts'
import { answered } from '../answer.ts'
import type { Handlers } from '../call.ts'
import { grantFrom } from '../request-wire.ts'

export function machineRoutes(app: App): Pick<Handlers, 'Machines_List'> {
  return {
    Machines_List: async ({ caller }) => {
      const list: WireMachineList = { value: (await listMachines(app, caller)).map(machineFrom) }
      return answered(list)
    },
  }
}

function machineFrom({ machine, policies, ports, live }: MachineView): WireMachine {
  const { id, name, location, os, privateAddresses, publicAddresses, points, unsupported } = machine
  return {
    id,
    name,
    location,
    os,
    privateAddresses: [...privateAddresses],
    publicAddresses: [...publicAddresses],
    points: [...points],
    ...(unsupported && { unsupported: { code: unsupported.code, message: unsupported.message } }),
    policies: [...policies],
    ports: ports.map((rule) => ({
      number: rule.number,
      protocol: rule.protocol,
      allowedSources: rule.sources.map(formatSource),
      maxRequestAccessDuration: formatDuration(rule.maxDuration),
    })),
    grants: live.map(grantFrom),
  }
}
