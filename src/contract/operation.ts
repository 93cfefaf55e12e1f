/** What an operation of the HTTP interface is, as data: the server mounts it, the OpenAPI document describes it. */
import type { z } from 'zod'

export interface Operation {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** As OpenAPI writes it, with `{parameters}`. Matched without regard to case. */
  readonly path: string
  readonly tag: 'policies' | 'network' | 'azure' | 'sallyport' | 'operations'
  readonly summary: string
  /** Azure Resource Manager's obligatory query parameter, of `any` date where versions do not differ; `none`: our own interface. */
  readonly apiVersion: 'security' | 'network' | 'any' | 'none'
  /** True only for what must answer without a token. */
  readonly open?: true
  readonly query?: z.ZodObject
  /** Request headers that mean something to this operation, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: z.ZodType
  readonly answers: Readonly<Record<number, OperationAnswer>>
}

export interface OperationAnswer {
  readonly text: string
  readonly body?: z.ZodType
}
