/**
 * The OpenAPI 3.1 document, made from the operations and their schemas alone. Must stay a pure function of them:
 * the committed docs/reference/openapi.json is compared with it.
 */
import { z } from 'zod'
import { armError } from './arm-error.ts'
import type { Operation, OperationAnswer } from './operation.ts'
import { API_VERSIONS, OPERATIONS } from './operations.ts'

type Json = Record<string, unknown>

export function openApiDocument(): Json {
  const components: Json = {}
  const paths: Record<string, Json> = {}
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    const path = (paths[operation.path] ??= {})
    path[operation.method.toLowerCase()] = describeOperation(id, operation, components)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sallyport', version: '1', description: 'Just-in-time network access to machines' },
    security: [{ bearer: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '__Host-sallyport-session' },
      },
      schemas: Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  }
}

function describeOperation(id: string, operation: Operation, components: Json): Json {
  return {
    operationId: id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.open === true && { security: [] }),
    parameters: [
      ...pathParameters(operation.path),
      ...queryParameters(operation, components),
      ...headerParameters(operation),
    ],
    ...(operation.body && { requestBody: { content: jsonContent(operation.body, 'input', components) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [status, describeAnswer(answer, components)]),
      ),
      default: { description: 'An error', content: jsonContent(armError, 'output', components) },
    },
  }
}

function describeAnswer({ text, body }: OperationAnswer, components: Json): Json {
  return { description: text, ...(body && { content: jsonContent(body, 'output', components) }) }
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', ...(name === 'subscriptionId' && { format: 'uuid' }) },
  }))
}

function queryParameters({ apiVersion, query }: Operation, components: Json): Json[] {
  const version = { name: 'api-version', in: 'query', required: true }
  const versions: Json[] =
    apiVersion === 'none'
      ? []
      : [{ ...version, schema: { type: 'string', ...(apiVersion === 'security' && { enum: API_VERSIONS }) } }]
  return [
    ...versions,
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: false,
      schema: schemaOf(schema as z.ZodType, 'input', components), // the shape's values are schemas; core's type hides it
    })),
  ]
}

function headerParameters({ headers = {} }: Operation): Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
}

function jsonContent(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  return { 'application/json': { schema: schemaOf(schema, io, components) } }
}

/** Named schemas become components; the rest stays in place. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' }) as Json // always an object
  const named = relinked({ ...($defs as Json | undefined) }) // absent when nothing is named
  Object.assign(components, named)
  const { id, ...rest } = relinked(own)
  if (typeof id !== 'string') return rest
  components[id] = rest
  return { $ref: `#/components/schemas/${id}` }
}

function relinked(schema: Json): Json {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Json // was an object
}
