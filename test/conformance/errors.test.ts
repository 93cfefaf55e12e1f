import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { STATUS_OF_CODE, statusOf } from '../../src/server/errors.ts'

const root = join(import.meta.dirname, '../..')

/** What judges the input of a call; other parts of the domain refuse files and single grants, not calls. */
const JUDGES = [
  'src/issuer/{create-vault,password}.ts',
  'src/domain/**/{extension,identity,judge-connection,judge-host,label-selector,ownership,policy,request,request-codes,requested-sources,requested-time,written-sources,net,time,resource-id,scope,role-definition}.ts',
  'src/app/**/*.ts',
  'src/server/**/*.ts',
  'src/main/agents/host-authority.ts',
  // why a machine cannot be protected, and why a policy would cut its author off
  'src/drivers/memory/fleet-inventory.ts',
  'src/drivers/azure/unsupported.ts',
  'src/drivers/aws/{inventory,lay-out-vpc}.ts',
  'src/drivers/hosts/host-machines.ts',
  'src/drivers/nftables/**/{probe-support,own-connection}.ts',
]

async function codesInSource(): Promise<Set<string>> {
  const files = JUDGES.flatMap((pattern) => globSync(pattern, { cwd: root })).filter(
    (file) => !file.endsWith('.test.ts'),
  )
  expect(files.length).toBeGreaterThan(20)
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))
  const calls = /(?:refusal|notThere)\(\s*'([A-Z]\w+)'/g
  const constants = /^export const [A-Z0-9_]+ = '([A-Z][a-z]\w+)'$/gm
  return new Set(
    texts.flatMap((text) =>
      [calls, constants].flatMap((shape) => [...text.matchAll(shape)].map(([, code]) => code ?? '')),
    ),
  )
}

async function codesInDocs(): Promise<Map<string, number>> {
  const text = await readFile(join(root, 'docs/reference/errors.md'), 'utf8')
  const rows = [...text.matchAll(/^\| *`(\w+)` *\| *(\d{3}) *\|/gm)]
  expect(rows.length).toBeGreaterThan(40)
  return new Map(rows.map(([, code, status]) => [code ?? '', Number(status)]))
}

test('every code that a call may be refused with has a status and a row in the docs', async () => {
  const codes = await codesInSource()
  const docs = await codesInDocs()
  expect([...codes].filter((code) => !Object.hasOwn(STATUS_OF_CODE, code))).toEqual([])
  expect([...codes].filter((code) => !docs.has(code))).toEqual([])
})

test('the docs name exactly the codes and statuses of the table', async () => {
  const docs = await codesInDocs()
  expect(Object.fromEntries(docs)).toEqual(STATUS_OF_CODE)
})

test('no code of the table has fallen out of use', async () => {
  const used = await codesInSource()
  expect(Object.keys(STATUS_OF_CODE).filter((code) => !used.has(code))).toEqual([])
})

test('a code that nobody knows is answered 400, also when it is called like a member of every object', () => {
  expect([statusOf('Unheard'), statusOf('constructor'), statusOf('PolicyNotFound')]).toEqual([400, 400, 404])
})
