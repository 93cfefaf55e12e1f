/** Operations on hosts that run the agent, and on the machines behind a gateway. Their scope is the resource id of the host. */
import { z } from 'zod'
import {
  enrollHostBody,
  gatewaySettings,
  host,
  hostEnrollment,
  hostLabelsBody,
  hostList,
  hostLogs,
  hostQuery,
  machineBehindBody,
} from './host.ts'
import type { Operation } from './operation.ts'
import { flag } from './text.ts'

const OURS = { tag: 'sallyport', apiVersion: 'none' } as const
const HOSTS = '/api/v1/hosts' as const
const HOST = `${HOSTS}/{hostName}` as const
const BEHIND = `${HOST}/machines/{machineName}` as const

const IF_MATCH = { 'If-Match': 'The ETag that you last saw: refused with 412 if it has changed since' }

export const HOST_OPERATIONS = {
  Hosts_List: {
    ...OURS,
    method: 'GET',
    path: HOSTS,
    summary: 'Lists the hosts that run the agent, or shall',
    query: hostQuery,
    answers: { 200: { text: 'The hosts; nextLink when there are more', body: hostList } },
  },
  Hosts_Get: {
    ...OURS,
    method: 'GET',
    path: HOST,
    summary: 'Shows a host: whether its agent is connected, and what it said of itself',
    answers: { 200: { text: 'The host', body: host } },
  },
  Hosts_Enroll: {
    ...OURS,
    method: 'POST',
    path: `${HOST}/enroll`,
    summary: 'Gives the one-time command that enrols a host; makes the host if it is new',
    body: enrollHostBody,
    answers: { 200: { text: 'The command, shown once', body: hostEnrollment } },
  },
  Hosts_SetLabels: {
    ...OURS,
    method: 'PUT',
    path: `${HOST}/labels`,
    summary: 'Replaces the labels of a host; policies that choose machines by label follow',
    headers: IF_MATCH,
    body: hostLabelsBody,
    answers: { 200: { text: 'The host', body: host } },
  },
  Hosts_SetGateway: {
    ...OURS,
    method: 'PUT',
    path: `${HOST}/gateway`,
    summary: 'Replaces how a gateway is reached from outside',
    headers: IF_MATCH,
    body: gatewaySettings,
    answers: { 200: { text: 'The host', body: host } },
  },
  Hosts_Revoke: {
    ...OURS,
    method: 'POST',
    path: `${HOST}/revoke`,
    summary: 'Cuts the agent off: none of its certificates is taken any more, until it is enrolled anew',
    answers: { 200: { text: 'The host', body: host } },
  },
  Hosts_Remove: {
    ...OURS,
    method: 'DELETE',
    path: HOST,
    summary: 'Forgets a host and cuts its agent off; refused while a policy names it',
    query: z.object({ force: flag.meta({ description: 'true: even while a policy names it' }) }),
    answers: { 200: { text: 'Removed' }, 204: { text: 'There was none' } },
  },
  Hosts_Logs: {
    ...OURS,
    method: 'GET',
    path: `${HOST}/logs`,
    summary: 'Shows the newest lines of the log of the host’s agent',
    query: z.object({
      lines: z
        .string()
        .regex(/^([1-9]\d{0,2}|1000)$/, { error: 'a whole number from 1 to 1000' })
        .transform(Number)
        .optional()
        .meta({ description: '100 when left out' }),
    }),
    answers: { 200: { text: 'The lines, oldest first', body: hostLogs } },
  },
  Hosts_PutMachine: {
    ...OURS,
    method: 'PUT',
    path: BEHIND,
    summary: 'Says of a gateway that a machine is behind it, or where; the gateway protects it',
    body: machineBehindBody,
    answers: { 200: { text: 'The gateway', body: host } },
  },
  Hosts_RemoveMachine: {
    ...OURS,
    method: 'DELETE',
    path: BEHIND,
    summary: 'Says of a gateway that a machine is not behind it any more; refused while a policy names it',
    query: z.object({ force: flag.meta({ description: 'true: even while a policy names it' }) }),
    answers: { 200: { text: 'Removed' }, 204: { text: 'There was none' } },
  },
} as const satisfies Readonly<Record<string, Operation>>
