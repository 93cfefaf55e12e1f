/**
 * What each command prints with `-o json` (and yaml, and before `--query`): a shape for each, from the contract. A script
 * may rely on it: members are added, never taken away or given another meaning.
 */
import { z } from 'zod'
import { auditEvent, auditFinding } from '../src/contract/audit-event.ts'
import { roleAssignment, roleDefinition, roleExplanation } from '../src/contract/authorization.ts'
import { connection, connectionCheckList } from '../src/contract/connection.ts'
import { finding } from '../src/contract/finding.ts'
import { host, hostEnrollment, hostLogs } from '../src/contract/host.ts'
import { flow } from '../src/contract/flow.ts'
import { addedCredential, group, madeUser, servicePrincipal, user } from '../src/contract/identity.ts'
import { checkList, whoami } from '../src/contract/installation.ts'
import { jitPolicy, policyPlan, policyStep } from '../src/contract/jit-policy.ts'
import { jitDecision } from '../src/contract/jit-request.ts'
import { machine } from '../src/contract/machine.ts'
import { policyFile } from '../src/contract/policy-file.ts'
import { machinePosture } from '../src/contract/posture.ts'
import { grant, request } from '../src/contract/request.ts'
import { session } from '../src/contract/session.ts'
import { shownBelow } from '../src/cli/help/shown-commands.ts'
import { theProgram } from './the-program.ts'
import type { Command } from 'commander'

const context = z.object({
  name: z.string(),
  server: z.string(),
  keep: z.enum(['file', 'keyring']),
  signedIn: z.object({ by: z.string() }).optional().meta({ description: 'Left out after logout' }),
  account: z.string().optional(),
  current: z.boolean(),
  ownAuthority: z.boolean().meta({ description: 'It has an authority of its own to trust' }),
})

const check = checkList.shape.value.element.extend({ where: z.enum(['here', 'server']) })

const rule = z.object({
  protocol: z.string(),
  from: z.array(z.string()),
  max: z.string(),
  onExpiry: z.enum(['warn', 'cut']).optional(),
})
const action = z.enum(['create', 'update', 'remove', 'none'])
const changes = z.object({
  counts: z.record(z.enum(['create', 'update', 'adopt', 'remove', 'none']), z.int()),
  policies: z.array(
    z.object({
      action: z.enum(['create', 'update', 'adopt', 'remove', 'none']),
      id: z.string(),
      name: z.string(),
      machines: z.array(
        z.object({
          action,
          id: z.string(),
          ports: z.array(z.object({ action, port: z.int(), before: rule.optional(), after: rule.optional() })),
          publicIpAddress: z.object({ before: z.string().nullable(), after: z.string().nullable() }).optional(),
        }),
      ),
      points: z.array(z.object({ point: z.string(), steps: z.array(policyStep) })),
    }),
  ),
})

const oneOrMore = <T extends z.ZodType>(shape: T) =>
  z.union([shape, z.array(shape)]).meta({ description: 'One by itself; several as a list' })

const cloud = z
  .union([connection, connectionCheckList.shape.value])
  .meta({ description: 'The connection; with --dry-run what was tried' })

/** By the words that are typed. `null`: it prints no data of its own. */
export const CLI_OUTPUT: Readonly<Record<string, z.ZodType | null>> = {
  apply: changes,
  'audit export': null,
  'audit list': z.array(auditEvent),
  'audit verify': auditFinding,
  completion: null,
  'config check': null,
  'config new-token': null,
  'config move-to-postgres': null,
  connect: null,
  'connect aws': cloud,
  'connect azure': cloud,
  'connect check': connectionCheckList.shape.value,
  'connect list': z.array(connection),
  'connect refresh': connection,
  'connect remove': null,
  'connect show': connection,
  'context list': z.array(context),
  'context remove': null,
  'context rename': null,
  'context show': context,
  'context use': null,
  doctor: z.array(check),
  export: policyFile,
  'finding list': z.array(finding),
  'flow list': z.array(flow),
  'group add-member': group,
  'group create': group,
  'group list': z.array(group),
  'group remove': null,
  'group remove-member': group,
  help: null,
  'host add-machine': host,
  'host enroll': hostEnrollment,
  'host gateway': host,
  'host label': host,
  'host list': z.array(host),
  'host logs': hostLogs.shape.value,
  'host remove': null,
  'host remove-machine': null,
  'host revoke': host,
  'host show': host,
  login: null,
  logout: null,
  'machine list': z.array(machine),
  'machine show': machine,
  'policy edit': changes,
  'policy list': z.array(jitPolicy),
  'policy plan': policyPlan,
  'policy remove': null,
  'policy set': jitPolicy,
  'policy show': jitPolicy,
  posture: z.array(machinePosture),
  rdp: null,
  'request close': z.array(grant),
  'request create': z
    .union([request, z.array(request), jitDecision])
    .meta({ description: 'One by itself, several as a list; with --dry-run the decision' }),
  'request extend': oneOrMore(request),
  'request list': z.array(request),
  'request show': request,
  'request watch': grant.extend({ request: z.string(), requestor: z.string() }),
  'role assignment create': roleAssignment,
  'role assignment delete': null,
  'role assignment list': z.array(roleAssignment),
  'role definition create': roleDefinition,
  'role definition delete': null,
  'role definition list': z.array(roleDefinition),
  'role definition show': roleDefinition,
  'role explain': roleExplanation,
  scp: null,
  server: null,
  'session end': null,
  'session end-all': null,
  'session list': z.array(session),
  'service-principal add-certificate': addedCredential,
  'service-principal add-federated': addedCredential,
  'service-principal add-secret': addedCredential,
  'service-principal create': servicePrincipal,
  'service-principal list': z.array(servicePrincipal),
  'service-principal remove': null,
  'service-principal remove-credential': servicePrincipal,
  ssh: null,
  'user create': madeUser,
  'user disable': madeUser,
  'user enable': madeUser,
  'user list': z.array(user),
  'user remove': null,
  'user remove-code': madeUser,
  'user reset-password': madeUser,
  'user set-code': madeUser,
  'user sign-out': madeUser,
  whoami: whoami.extend({ server: z.string(), context: z.string().nullable(), tokenEndsAt: z.string().nullable() }),
  winrm: null,
}

/** As JSON schema: a member of `properties` for each command, the shared shapes under `$defs`. */
export function cliOutputSchema(): string {
  const shapes = Object.entries(CLI_OUTPUT).flatMap(([command, shape]) =>
    shape === null ? [] : [[command, shape] as const],
  )
  return JSON.stringify(z.toJSONSchema(z.object(Object.fromEntries(shapes)), { io: 'output' }), null, 2)
}

export function cliOutputPage(): string {
  const rows = commandPaths(theProgram()).map((path) => `| \`${path}\` | ${shapeText(path)} |`)
  return `# What commands print

With \`-o json\` every command prints one JSON document: the API's objects, unchanged where there are any. \`-o yaml\` is the same as YAML,
\`-o jsonc\` the same with colours on a terminal, and \`--query\` works on it before anything is printed. Standard output holds nothing else;
remarks, questions and progress go to standard error.

The shapes are in [cli-output.schema.json](cli-output.schema.json), a member of \`properties\` for each command. Members are added, never taken
away or given another meaning. A table and TSV are for people and shells: their columns may change; TSV has no header, and times as the
API writes them.

| command | prints |
|---|---|
${rows.join('\n')}
`
}

function shapeText(path: string): string {
  const shape = CLI_OUTPUT[path]
  if (shape === undefined || shape === null) return 'no data'
  const { description } = shape.meta() ?? {}
  return (
    nameOf(shape) + (description === undefined ? '' : `: ${description.charAt(0).toLowerCase()}${description.slice(1)}`)
  )
}

function nameOf(shape: z.ZodType): string {
  if (shape instanceof z.ZodArray) return `a list of ${nameOf(shape.element as z.ZodType)}` // of a list, whose items are shapes
  const id = shape.meta()?.id
  return id === undefined ? 'its own shape' : id
}

/** Of every command that does something itself. */
export function commandPaths(command: Command, path = ''): string[] {
  return shownBelow(command).flatMap((below) => {
    const name = `${path}${below.name()}`
    return shownBelow(below).length > 0 && below.registeredArguments.length === 0
      ? commandPaths(below, `${name} `)
      : [name, ...commandPaths(below, `${name} `)]
  })
}
