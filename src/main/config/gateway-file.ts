/**
 * The file that makes this host a gateway: its public addresses, and the machines behind it by name. Read once, at the
 * start; a file with a mistake starts no server, for half a gateway would leave machines open.
 */
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Installation } from '../../app/app.ts'
import type { Machine, PointId } from '../../app/ports/inventory.ts'
import { gatewaySettings } from '../../contract/gateway.ts'
import { parseGateway, type Gateway } from '../../domain/hosts/gateway.ts'
import { formatIpPrefix } from '../../domain/net.ts'
import type { ResourceKey } from '../../domain/resource-id.ts'
import { localMachineId } from '../world/local-machine.ts'

export interface OpenedGateway {
  readonly gateway: Gateway
  readonly machines: readonly GatewayFileMachine[]
}

interface GatewayFileMachine {
  readonly key: ResourceKey
  readonly name: string
  readonly os: Machine['os']
}

const fileShape = gatewaySettings.extend({
  machines: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        addresses: z.array(z.string()),
        os: z.enum(['Linux', 'Windows']).default('Linux'),
      }),
    )
    .min(1),
})

export async function readGatewayFile(file: string, installation: Installation): Promise<OpenedGateway> {
  const shaped = fileShape.safeParse(await readYaml(file))
  if (!shaped.success) throw mistakes(file, shaped.error.issues.map(issueText))
  const { machines, ...settings } = shaped.data
  const written = machines.map(({ name, addresses, os }) => ({
    id: idOf(file, installation, name),
    addresses,
    os,
    name,
  }))
  const parsed = parseGateway({ ...settings, machines: written })
  if (!parsed.ok)
    throw mistakes(
      file,
      parsed.refusals.map(({ message }) => message),
    )
  const keyed = [...parsed.value.machines.values()]
  return {
    gateway: parsed.value,
    machines: keyed.map(({ key }, index) => ({
      key,
      name: written[index]?.name ?? '',
      os: written[index]?.os ?? 'Linux',
    })),
  }
}

/** The machines behind this host, as everybody sees them. */
export function machinesBehind(
  { gateway, machines }: OpenedGateway,
  { installation, point }: { readonly installation: Installation; readonly point: PointId },
): Machine[] {
  return machines.flatMap(({ key, name, os }) => {
    const machine = gateway.machines.get(key)
    if (machine === undefined) return []
    return [
      {
        id: machine.id,
        key,
        name,
        location: installation.location,
        os,
        privateAddresses: machine.addresses.map(formatIpPrefix),
        publicAddresses: [],
        points: [point],
      },
    ]
  })
}

function idOf(file: string, installation: Installation, name: string): string {
  try {
    return localMachineId(installation, name)
  } catch {
    throw mistakes(file, [`'${name}' is no name for a machine: it does not fit a resource id`])
  }
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}

function mistakes(file: string, found: readonly string[]): Error {
  const shown = found.map((text) => `\n  ${text}`).join('')
  return new Error(`${file} does not describe a gateway:${shown}`)
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${file} cannot be read as YAML or JSON: ${why}`, { cause })
  }
}
