/**
 * The files of this repository that are made from other files, one line each; `npm run generate` writes them and
 * `npm run generate:check` fails when one is stale. Must list nothing that is not committed.
 */
import { schemaText } from '../src/cli/policy-files/file-text.ts'
import { openApiDocument } from '../src/contract/openapi.ts'
import { permissionsPage } from './permission-matrix.ts'
import { cliOutputPage, cliOutputSchema } from './cli-output.ts'
import { commandReference } from './command-reference.ts'
import { manPages } from './man-pages.ts'
import { auditReference } from './audit-reference.ts'
import { dumpPostgresSchema, dumpSqliteSchema } from '../src/store/dump-schema.ts'

export interface GeneratedFile {
  /** From the root of the repository, for example `docs/reference/openapi.json`. */
  readonly path: string
  /** The whole text. It depends on the sources alone: no time, no machine, no order of chance. */
  readonly make: () => string | Promise<string>
}

export const generatedFiles: readonly GeneratedFile[] = [
  { path: 'docs/reference/openapi.json', make: () => JSON.stringify(openApiDocument(), null, 2) },
  { path: 'docs/reference/policy-file.schema.json', make: schemaText },
  { path: 'docs/reference/permissions.md', make: permissionsPage },
  { path: 'docs/reference/commands.md', make: commandReference },
  { path: 'docs/reference/cli-output.md', make: cliOutputPage },
  { path: 'docs/reference/cli-output.schema.json', make: cliOutputSchema },
  ...manPages(),
  { path: 'docs/reference/audit-events.md', make: auditReference },
  { path: 'src/store/schema.sqlite.sql', make: dumpSqliteSchema },
  { path: 'src/store/schema.postgres.sql', make: dumpPostgresSchema },
]
