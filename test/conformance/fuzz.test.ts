import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/app/ports/store.ts'
import { armError } from '../../src/contract/arm-error.ts'
import { openPostgresStore } from '../../src/store/open-postgres.ts'
import { startPostgres, type ThrowawayPostgres } from '../support/postgres.ts'
import { initiateBody, policyBody, policyPath, VERSION } from './bodies.ts'
import { startServer, SUBSCRIPTION, type RunningServer } from './running-server.ts'

const RUNS = { numRuns: 150 }

const anything = fc.jsonValue({ maxDepth: 4 })
const oddText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    '*',
    '0.0.0.0/0',
    '::/0',
    '::ffff:10.0.0.1',
    '1.2.3.4/33',
    'PT0S',
    'P1Y',
    'PT5M',
    '2026-03-01T13:00:00Z',
  ),
  fc.constantFrom('\u0000', '\ud800', '__proto__', 'constructor', '/subscriptions//', 'null'),
)
const odd = fc.oneof(anything, oddText, fc.double(), fc.constantFrom(-1, 22, 65_536, 1e308, null))

const port = fc.record(
  {
    number: fc.oneof(fc.constant(22), odd),
    protocol: fc.oneof(fc.constantFrom('TCP', '*'), odd),
    endTimeUtc: odd,
    duration: odd,
    allowedSourceAddressPrefix: odd,
    allowedSourceAddressPrefixes: fc.oneof(fc.array(odd, { maxLength: 3 }), odd),
    maxRequestAccessDuration: odd,
  },
  { requiredKeys: ['number'] },
)
const knownId = initiateBody().virtualMachines[0]?.id ?? ''
const machine = fc.oneof(
  fc.record({ id: fc.oneof(fc.constant(knownId), odd), ports: fc.oneof(fc.array(port, { maxLength: 3 }), odd) }),
  odd,
)
const machines = fc.oneof(fc.array(machine, { maxLength: 3 }), odd)

/** What is wrong with the answer, if anything: it must be a success or a 4xx in the documented shape, never a fault. */
async function complaint(
  server: RunningServer,
  method: string,
  path: string,
  raw?: string,
): Promise<string | undefined> {
  const { status, body, text } = await server.call(method, path, raw === undefined ? {} : { raw })
  const fault = server.logged.find(({ level }) => level === 'error')
  if (fault !== undefined || status >= 500) return `${method} ${path}: ${status} ${text} ${String(faultOf(fault))}`
  if (status < 400 || armError.safeParse(body).success) return undefined
  return `${method} ${path}: ${status} is not in the shape of an error: ${text}`
}

function faultOf(fault: RunningServer['logged'][number] | undefined): unknown {
  return fault === undefined ? undefined : 'err' in fault.fields ? fault.fields.err : fault.message
}

function encode(text: string): string {
  return encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '?'))
}

let postgres: ThrowawayPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(async () => {
  await postgres.stop()
})

const STORES: readonly [string, () => Promise<{ store?: Store }>][] = [
  ['SQLite', async () => ({})],
  ['PostgreSQL', async () => ({ store: await openPostgresStore(await postgres.createDatabase()) })],
]

describe.each(STORES)('over %s', (_, choose) => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer(await choose())
    await server.call('PUT', `${policyPath()}${VERSION}`, { body: policyBody() })
  })
  afterAll(async () => {
    await server.stop()
  })

  test('no request for access, however strange, makes the server fail', async () => {
    const body = fc.record({ virtualMachines: machines, justification: odd }, { requiredKeys: ['virtualMachines'] })
    await fc.assert(
      fc.asyncProperty(fc.oneof(body, anything), async (strange) => {
        expect(
          await complaint(server, 'POST', `${policyPath()}/initiate${VERSION}`, JSON.stringify(strange)),
        ).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('no policy, however strange, makes the server fail', async () => {
    const properties = fc.record({ virtualMachines: machines, requests: odd })
    const body = fc.record({ kind: odd, properties: fc.oneof(properties, odd) })
    await fc.assert(
      fc.asyncProperty(fc.oneof(body, anything), async (strange) => {
        expect(
          await complaint(server, 'PUT', `${policyPath('fuzzed')}${VERSION}`, JSON.stringify(strange)),
        ).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('no bytes in a body make the server fail', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (bytes) => {
        expect(await complaint(server, 'PUT', `${policyPath('fuzzed')}${VERSION}`, bytes)).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('no path and no query make the server fail', async () => {
    const words = `subscriptions ${SUBSCRIPTION} resourceGroups mainWS providers Microsoft.Security locations westeurope
    jitNetworkAccessPolicies default initiate operationResults api v1 requests audit machines close
    %00 %2f .. %ed%a0%80 %zz`
    const known = fc.constantFrom(...words.split(/\s+/))
    const segment = fc.oneof({ weight: 4, arbitrary: known }, oddText.map(encode))
    const query = fc.tuple(
      fc.constantFrom(
        'api-version',
        '$skiptoken',
        'dryRun',
        'top',
        'after',
        'since',
        'machine',
        'policy',
        'live',
        'action',
      ),
      oddText.map(encode),
    )
    const path = fc.tuple(fc.array(segment, { maxLength: 11 }), fc.array(query, { maxLength: 3 }))
    const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS')
    await fc.assert(
      fc.asyncProperty(method, path, async (verb, [segments, queries]) => {
        const search = [...queries.map(([name, value]) => `${name}=${value}`), 'api-version=2020-01-01'].join('&')
        expect(await complaint(server, verb, `/${segments.join('/')}?${search}`)).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('no name in a policy path makes the server fail', async () => {
    await fc.assert(
      fc.asyncProperty(oddText.map(encode), oddText.map(encode), oddText.map(encode), async (name, group, location) => {
        const path = policyPath(name || 'x', group || 'x', location || 'x')
        expect(await complaint(server, 'PUT', `${path}${VERSION}`, JSON.stringify(policyBody()))).toBeUndefined()
        expect(await complaint(server, 'GET', `${path}${VERSION}`)).toBeUndefined()
      }),
      RUNS,
    )
  })

  test('no text where a text belongs makes the server fail', async () => {
    await fc.assert(
      fc.asyncProperty(oddText, async (text) => {
        const body = { ...initiateBody(), justification: text }
        expect(
          await complaint(server, 'POST', `${policyPath()}/initiate${VERSION}`, JSON.stringify(body)),
        ).toBeUndefined()
        const policy = JSON.stringify({ ...policyBody(), kind: text })
        expect(await complaint(server, 'PUT', `${policyPath('fuzzed')}${VERSION}`, policy)).toBeUndefined()
        const word = encode(text)
        for (const path of [
          `requests?after=${word}`,
          `requests/${word}`,
          `audit?target=${word}&request=${word}&action=${word}`,
        ])
          expect(await complaint(server, 'GET', `/api/v1/${path}`)).toBeUndefined()
      }),
      RUNS,
    )
  })
})
