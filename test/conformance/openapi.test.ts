import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { armError } from '../../src/contract/arm-error.ts'
import { openApiDocument } from '../../src/contract/openapi.ts'
import type { Operation } from '../../src/contract/operation.ts'
import { OPERATIONS, type OperationId } from '../../src/contract/operations.ts'
import { routerPath } from '../../src/server/input/path-pattern.ts'
import { initiateBody, policyBody, policyPath, VERSION } from './bodies.ts'
import { startServer, SUBSCRIPTION, type Reply, type RunningServer } from './running-server.ts'

let server: RunningServer

beforeAll(async () => {
  server = await startServer()
})
afterAll(async () => {
  await server.stop()
})

/** `GET /path` of everything that the document describes. */
function described(): string[] {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument()))
  return Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

test('every route of the server is in the OpenAPI document, and everything in it is a route', () => {
  const lower = (lines: readonly string[]) => lines.map((line) => line.toLowerCase()).toSorted()
  expect(lower(server.routes)).toEqual(lower(described().map(routerPath)))
})

test('the eight operations of the original have their names, methods and paths', () => {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument()))
  const sub = '/subscriptions/{subscriptionId}'
  const group = `${sub}/resourceGroups/{resourceGroupName}`
  const [security, region, policies] = [
    '/providers/Microsoft.Security',
    '/locations/{ascLocation}',
    '/jitNetworkAccessPolicies',
  ]
  const one = `${group}${security}${region}${policies}/{jitNetworkAccessPolicyName}`
  const wanted: [string, string, string][] = [
    ['List', 'get', `${sub}${security}${policies}`],
    ['ListByRegion', 'get', `${sub}${security}${region}${policies}`],
    ['ListByResourceGroup', 'get', `${group}${security}${policies}`],
    ['ListByResourceGroupAndRegion', 'get', `${group}${security}${region}${policies}`],
    ['Get', 'get', one],
    ['CreateOrUpdate', 'put', one],
    ['Delete', 'delete', one],
    ['Initiate', 'post', `${one}/initiate`],
  ]
  for (const [name, method, path] of wanted)
    expect(paths[path][method].operationId).toBe(`JitNetworkAccessPolicies_${name}`)
})

test('the committed document is what the schemas say', async () => {
  const committed = await readFile(join(import.meta.dirname, '../../docs/reference/openapi.json'), 'utf8')
  expect(JSON.parse(committed)).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
})

test('every reference in the document leads somewhere', () => {
  const text = JSON.stringify(openApiDocument())
  const schemas = JSON.parse(text).components.schemas
  const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name ?? '')
  expect(names.length).toBeGreaterThan(10)
  expect(names.filter((name) => !Object.hasOwn(schemas, name))).toEqual([])
})

test('answers are exactly what their schemas promise, member for member', async () => {
  const check = (id: OperationId, reply: Reply) => {
    const operation: Operation = OPERATIONS[id]
    const schema = operation.answers[reply.status]?.body
    if (schema === undefined) throw new Error(`${id} does not say that it answers ${reply.status} with a body`)
    expect(schema.parse(reply.body)).toEqual(reply.body)
  }
  const policy = `${policyPath()}${VERSION}`
  const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Security/jitNetworkAccessPolicies${VERSION}`
  check('JitNetworkAccessPolicies_CreateOrUpdate', await server.call('PUT', policy, { body: policyBody() }))
  check(
    'JitNetworkAccessPolicies_CreateOrUpdate',
    await server.call('PUT', `${policy}&dryRun=true`, { body: policyBody() }),
  )
  const initiate = `${policyPath()}/initiate${VERSION}`
  const body = { ...initiateBody(), justification: 'INC-1' }
  const accepted = await server.call('POST', initiate, { body })
  check('JitNetworkAccessPolicies_Initiate', accepted)
  check('JitNetworkAccessPolicies_Initiate', await server.call('POST', `${initiate}&dryRun=true`, { body }))
  const result = (accepted.headers.get('location') ?? '').replace(server.url, '')
  check('JitNetworkAccessPolicies_OperationResult', await server.call('GET', result))
  check('JitNetworkAccessPolicies_Get', await server.call('GET', policy))
  check('JitNetworkAccessPolicies_List', await server.call('GET', list))
  const requests = await server.call('GET', '/api/v1/requests')
  check('Requests_List', requests)
  check('Requests_Get', await server.call('GET', `/api/v1/requests/${requests.body.value[0].id}`))
  check('Requests_Close', await server.call('POST', `/api/v1/requests/${requests.body.value[0].id}/close`))
  check('Machines_List', await server.call('GET', '/api/v1/machines'))
  check('Audit_List', await server.call('GET', '/api/v1/audit'))
  check('Whoami', await server.call('GET', '/api/v1/whoami'))
  check('Doctor', await server.call('GET', '/api/v1/doctor'))
  check('Health', await server.call('GET', '/healthz'))
  check('Readiness', await server.call('GET', '/readyz'))
  check('CloudEndpoints', await server.call('GET', '/metadata/endpoints'))
  check('SignInPlaces', await server.call('GET', '/.well-known/sallyport'))
  const refused = await server.call('GET', '/nowhere')
  expect(armError.parse(refused.body)).toEqual(refused.body)
})
