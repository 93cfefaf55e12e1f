/**
 * The command line: `sallyport <noun> <verb>`. The composition root adds the commands that run a server. A command is
 * one file in `commands/`; leaving its line out here leaves it out of the program.
 */
import { Command } from 'commander'
import { addApply } from './commands/apply.ts'
import { addAuditExport } from './commands/audit/export.ts'
import { addAuditList } from './commands/audit/list.ts'
import { addAuditVerify, type VerifyFolder } from './commands/audit/verify.ts'
import { addCompletion } from './commands/completion.ts'
import { addConnect } from './commands/connect.ts'
import { addConnectAws } from './commands/connect/aws.ts'
import { addConnectAzure } from './commands/connect/azure.ts'
import { addConnectCheck } from './commands/connect/check.ts'
import { addConnectList } from './commands/connect/list.ts'
import { addConnectRefresh } from './commands/connect/refresh.ts'
import { addConnectRemove } from './commands/connect/remove.ts'
import { addConnectShow } from './commands/connect/show.ts'
import { addContextCommands } from './commands/context.ts'
import { addDoctor } from './commands/doctor.ts'
import { addExport } from './commands/export.ts'
import { addFindingList } from './commands/finding/list.ts'
import { addFlowList } from './commands/flow/list.ts'
import { addGroupCreate } from './commands/group/create.ts'
import { addGroupList } from './commands/group/list.ts'
import { addGroupMembers } from './commands/group/member.ts'
import { addGroupRemove } from './commands/group/remove.ts'
import { addHostEnroll } from './commands/host/enroll.ts'
import { addHostAddMachine, addHostGateway, addHostRemoveMachine } from './commands/host/gateway.ts'
import { addHostLabel } from './commands/host/label.ts'
import { addHostList } from './commands/host/list.ts'
import { addHostLogs } from './commands/host/logs.ts'
import { addHostRemove, addHostRevoke } from './commands/host/remove.ts'
import { addHostShow } from './commands/host/show.ts'
import { addLogin } from './commands/login.ts'
import { addLogout } from './commands/logout.ts'
import { addMachineList } from './commands/machine/list.ts'
import { addMachineShow } from './commands/machine/show.ts'
import { addPolicyEdit } from './commands/policy/edit.ts'
import { addPolicyList } from './commands/policy/list.ts'
import { addPolicyPlan } from './commands/policy/plan.ts'
import { addPolicyRemove } from './commands/policy/remove.ts'
import { addPolicySet } from './commands/policy/set.ts'
import { addPolicyShow } from './commands/policy/show.ts'
import { addPosture } from './commands/posture.ts'
import { addRequestClose } from './commands/request/close.ts'
import { addRequestCreate } from './commands/request/create.ts'
import { addRequestExtend } from './commands/request/extend.ts'
import { addRequestList } from './commands/request/list.ts'
import { addRequestShow } from './commands/request/show.ts'
import { addRequestWatch } from './commands/request/watch.ts'
import { addRoleAssignmentCreate } from './commands/role-assignment/create.ts'
import { addRoleAssignmentDelete } from './commands/role-assignment/delete.ts'
import { addRoleAssignmentList } from './commands/role-assignment/list.ts'
import { addRoleDefinitionCreate } from './commands/role-definition/create.ts'
import { addRoleDefinitionDelete } from './commands/role-definition/delete.ts'
import { addRoleDefinitionList } from './commands/role-definition/list.ts'
import { addRoleDefinitionShow } from './commands/role-definition/show.ts'
import { addRoleExplain } from './commands/role/explain.ts'
import { addServicePrincipalCreate } from './commands/service-principal/create.ts'
import { addServicePrincipalCredentials } from './commands/service-principal/credential.ts'
import { addServicePrincipalList } from './commands/service-principal/list.ts'
import { addServicePrincipalRemove } from './commands/service-principal/remove.ts'
import { addRdp } from './commands/rdp.ts'
import { addScp } from './commands/scp.ts'
import { addSsh } from './commands/ssh.ts'
import { addWinrm } from './commands/winrm.ts'
import { addSessionEndAll } from './commands/session/end-all.ts'
import { addSessionEnd } from './commands/session/end.ts'
import { addSessionList } from './commands/session/list.ts'
import { addUserChanges } from './commands/user/change.ts'
import { addUserCreate } from './commands/user/create.ts'
import { addUserList } from './commands/user/list.ts'
import { addUserRemove } from './commands/user/remove.ts'
import { addWhoami } from './commands/whoami.ts'
import { withExamples, type Example } from './help/examples.ts'
import { exitCodesHelp } from './exit-codes.ts'
import { completeOptions, optionsOf, withGlobalOptions } from './options/global-options.ts'
import { addHelp, addVersion } from './help/help-command.ts'
import { HELP_LAYOUT } from './help/help-layout.ts'
import type { Io } from './io.ts'
import { addNamed, type Buildable } from './help/named-commands.ts'
import { checkQuery } from './show/query.ts'

/** What only a program with the server in it can do. */
export interface ServerParts {
  readonly verifyFolder?: VerifyFolder
}

/** With `args`, the words of a command line, only what they can mean is built: the whole takes longer than most commands. */
export function buildProgram(io: Io, parts: ServerParts = {}, args?: readonly string[]): Command {
  const program = new Command('sallyport')
    .description('Just-in-time network access: ports are closed, and open on request for a time.')
    .version(io.version, '-V, --version', 'show the version')
    .enablePositionalOptions()
    .exitOverride()
    .configureHelp(HELP_LAYOUT)
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .hook('preAction', async (_program, command) => {
      const { query } = optionsOf(command)
      if (query !== undefined) await checkQuery(query)
    })
    .addHelpText('after', () => helpAfter(io.stdout.columns))
  completeOptions(withGlobalOptions(program))
  addNamed(program, COMMANDS, { parts: { io, ...parts }, words: args })
  addHelp(program)
  addVersion(program, io.version, (text) => io.stdout.write(text))
  return program
}

interface Parts extends ServerParts {
  readonly io: Io
}

type Part = Buildable<Parts>
type Add = (program: Command, io: Io) => void

function single(name: string, add: Add): Part {
  return { name, add: (program, { io }) => add(program, io) }
}

interface Described {
  readonly does: string
  readonly example: Example
  readonly alias?: string
}

function group(name: string, { does, example, alias }: Described, verbs: readonly Add[]): Part {
  const add: Part['add'] = (program, { io }) => {
    const command = groupOf(program, name, does, example)
    if (alias !== undefined) command.alias(alias)
    for (const verb of verbs) verb(command, io)
  }
  return { name, add, ...(alias === undefined ? {} : { alias }) }
}

function addConnectGroup(program: Command, io: Io): void {
  const connect = addConnect(program, io)
  for (const add of CONNECTIONS) add(connect, io)
}

function addRoles(role: Command, io: Io): void {
  const definition = groupOf(role, 'definition', 'what a role may do', {
    does: 'every role there is',
    line: 'sallyport role definition list',
  })
  for (const add of ROLE_DEFINITIONS) add(definition, io)
  const assignment = groupOf(role, 'assignment', 'who holds which role where', {
    does: 'who holds which role where',
    line: 'sallyport role assignment list',
  })
  for (const add of [addRoleAssignmentList, addRoleAssignmentCreate, addRoleAssignmentDelete]) add(assignment, io)
  addRoleExplain(role, io)
}

function addAudit(program: Command, { io, verifyFolder }: Parts): void {
  const audit = groupOf(program, 'audit', 'what happened, and whether that is what was written', {
    does: 'what happened in the last day',
    line: 'sallyport audit list',
  })
  addAuditList(audit, io)
  addAuditExport(audit, io)
  addAuditVerify(audit, io, verifyFolder)
}

const REQUEST_COMMANDS = [
  addRequestCreate,
  addRequestList,
  addRequestShow,
  addRequestWatch,
  addRequestExtend,
  addRequestClose,
]

const HOST_COMMANDS = [
  addHostEnroll,
  addHostList,
  addHostShow,
  addHostLabel,
  addHostGateway,
  addHostAddMachine,
  addHostRemoveMachine,
  addHostLogs,
  addHostRevoke,
  addHostRemove,
]

const SERVICE_PRINCIPAL_COMMANDS = [
  addServicePrincipalCreate,
  addServicePrincipalList,
  addServicePrincipalCredentials,
  addServicePrincipalRemove,
]

const CONNECTIONS = [
  addConnectAws,
  addConnectAzure,
  addConnectList,
  addConnectShow,
  addConnectCheck,
  addConnectRefresh,
  addConnectRemove,
]

const ROLE_DEFINITIONS = [
  addRoleDefinitionList,
  addRoleDefinitionShow,
  addRoleDefinitionCreate,
  addRoleDefinitionDelete,
]

/** In the order of the help. */
const COMMANDS: readonly Part[] = [
  single('login', addLogin),
  single('logout', addLogout),
  single('whoami', addWhoami),
  group(
    'context',
    {
      does: 'the servers that you work with',
      example: { does: 'change to another server', line: 'sallyport context use production' },
    },
    [addContextCommands],
  ),
  single('ssh', addSsh),
  single('scp', addScp),
  single('rdp', addRdp),
  single('winrm', addWinrm),
  single('connect', addConnectGroup),
  group(
    'machine',
    {
      does: 'the machines, and what is open on them',
      example: { does: 'every machine, and what is open on it now', line: 'sallyport machine list' },
    },
    [addMachineList, addMachineShow],
  ),
  group(
    'host',
    {
      does: 'Linux hosts and gateways that run the agent',
      example: { does: 'the command that enrols a host', line: 'sallyport host enroll web1' },
    },
    HOST_COMMANDS,
  ),
  group(
    'policy',
    {
      does: 'which ports are closed, and what may be asked for',
      example: {
        does: 'close SSH on web1, until somebody asks',
        line: 'sallyport policy set default --machine web1 --port 22/tcp',
      },
    },
    [addPolicyList, addPolicyShow, addPolicySet, addPolicyEdit, addPolicyPlan, addPolicyRemove],
  ),
  group(
    'request',
    {
      does: 'ask for access, see it, close it',
      example: { does: 'SSH to web1, for me, for two hours', line: 'sallyport request create web1 --port 22 --for 2h' },
    },
    REQUEST_COMMANDS,
  ),
  group(
    'role',
    {
      does: 'who may do what, where',
      example: { does: 'every role there is', line: 'sallyport role definition list' },
    },
    [addRoles],
  ),
  group(
    'user',
    {
      does: 'people who sign in at this installation itself',
      example: { does: 'the first user', line: 'sallyport user create ada@example.org' },
    },
    [addUserCreate, addUserList, addUserChanges, addUserRemove],
  ),
  group(
    'group',
    {
      does: 'people and programs that share roles',
      example: { does: 'a group of people who share a role', line: 'sallyport group create Operators' },
    },
    [addGroupCreate, addGroupList, addGroupMembers, addGroupRemove],
  ),
  group(
    'service-principal',
    {
      alias: 'sp',
      does: 'programs that sign in at this installation itself',
      example: { does: 'a program that signs in', line: 'sallyport service-principal create deploy' },
    },
    SERVICE_PRINCIPAL_COMMANDS,
  ),
  group(
    'session',
    {
      does: 'the browsers that you are signed in with',
      example: { does: 'where am I signed in?', line: 'sallyport session list' },
    },
    [addSessionList, addSessionEnd, addSessionEndAll],
  ),
  { name: 'audit', add: addAudit },
  single('apply', addApply),
  single('export', addExport),
  single('posture', addPosture),
  group(
    'finding',
    {
      does: 'what a person should look at',
      example: { does: 'is anything not as it should be?', line: 'sallyport finding list' },
    },
    [addFindingList],
  ),
  group(
    'flow',
    {
      does: 'who is connected by what was granted',
      example: { does: 'who is connected?', line: 'sallyport flow list' },
    },
    [addFlowList],
  ),
  single('doctor', addDoctor),
  single('completion', addCompletion),
]

function groupOf(program: Command, name: string, description: string, example: Example): Command {
  const group = withGlobalOptions(program.command(name).description(description).enablePositionalOptions())
  return withExamples(group, [example])
}

function helpAfter(columns: number | undefined): string {
  return `
Examples:
  $ sallyport policy set default --machine web1 --port 22/tcp
  $ sallyport request create web1 --port 22 --for 2h
  $ sallyport request list --live

${exitCodesHelp(columns)}`
}
