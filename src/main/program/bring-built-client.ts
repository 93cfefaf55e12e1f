/** The command line as `script/build.ts` puts it beside `sallyport.js`: the same text that the one file carries. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { bringClient } from './bring-client.ts'
import { loadClient } from './load-client.ts'

const besideUs: typeof bringClient = (cache) =>
  Promise.resolve(loadClient(readFileSync(join(__dirname, 'client.cjs'), 'latin1'), cache))

export { besideUs as bringClient }
