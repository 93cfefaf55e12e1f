/** An operation as its handler sees it: already authenticated, matched and parsed. Knows nothing of Fastify. */
import type { z } from 'zod'
import type { Caller } from '../app/ports/caller.ts'
import type { OperationId, OPERATIONS } from '../contract/operations.ts'
import type { Answer } from './answer.ts'

type Table = typeof OPERATIONS

type BodyOf<K extends OperationId> = Table[K] extends { readonly body: infer S extends z.ZodType }
  ? z.output<S>
  : undefined

type QueryOf<K extends OperationId> = Table[K] extends { readonly query: infer S extends z.ZodType }
  ? z.output<S>
  : undefined

type NamesIn<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never

export interface Call<K extends OperationId> {
  /** As the caller wrote them. */
  readonly params: Readonly<Record<NamesIn<Table[K]['path']>, string>>
  readonly query: QueryOf<K>
  readonly body: BodyOf<K>
  readonly caller: Caller
  /** `https://host:port`, as the caller reached it. */
  readonly base: string
  /** Path and query as they came. */
  readonly url: string
  /** Empty for our own interface. */
  readonly apiVersion: string
  readonly header: (name: string) => string | undefined
}

export type Handler<K extends OperationId> = (call: Call<K>) => Promise<Answer>

export type Handlers = { readonly [K in OperationId]: Handler<K> }
