/** A policy file's text, with the line by which editors find the schema. */
import { stringify } from 'yaml'
import { z } from 'zod'
import { policyFile, type PolicyFile } from '../../contract/policy-file.ts'

/** Hidden, so that `apply -f` of the folder does not take it for policies. */
export const SCHEMA_NAME = '.policy-file.schema.json'

export function yamlText(file: PolicyFile): string {
  return `# yaml-language-server: $schema=${SCHEMA_NAME}\n${stringify(file)}`
}

export function schemaText(): string {
  return `${JSON.stringify(z.toJSONSchema(policyFile, { io: 'input' }), null, 2)}\n`
}
