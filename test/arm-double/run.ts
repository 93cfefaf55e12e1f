/** `npm run arm-double -- --port 8444 --seed-fleet 100 [--seed 1] [--pace at-once|brisk|as-azure]`: the double as a program. */
import { parseArgs } from 'node:util'
import { ArmDouble } from './arm-double.ts'
import { OTHER_SUBSCRIPTION, OWNER, SUBSCRIPTION, TENANT } from './estate.ts'
import { serveDouble } from './https-shell.ts'
import { AS_AZURE, AT_ONCE, BRISK } from './pace.ts'
import { seedFleet } from './seed-fleet.ts'

const PACES = { 'at-once': AT_ONCE, brisk: BRISK, 'as-azure': AS_AZURE }

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8444' },
    'seed-fleet': { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    pace: { type: 'string', default: 'as-azure' },
  },
})
const pace = Object.entries(PACES).find(([name]) => name === values.pace)?.[1]
if (pace === undefined) throw new Error(`--pace is ${Object.keys(PACES).join(', ')}; got '${values.pace}'`)

const double = new ArmDouble({
  clock: { now: () => Date.now() },
  seed: Number(values.seed),
  subscriptions: [
    { id: SUBSCRIPTION, name: 'Shop', tenant: TENANT },
    { id: OTHER_SUBSCRIPTION, name: 'Laboratory', tenant: TENANT },
  ],
  programs: [OWNER],
  pace,
})
seedFleet(double, { machines: Number(values['seed-fleet']), seed: Number(values.seed) })
const shell = await serveDouble(double, { port: Number(values.port) })

const { url, authorityFile } = shell
process.stdout.write(`The ARM double serves ${values['seed-fleet']} machines at ${url}

  subscription   ${SUBSCRIPTION}
  tenant         ${TENANT}
  client id      ${OWNER.clientId}
  client secret  ${OWNER.secret ?? ''}
  authority      ${url}
  trust          ${authorityFile}

  sallyport connect azure lab --endpoint ${url} --authority ${url} --authority-ca ${authorityFile} \\
    --tenant ${TENANT} --subscription ${SUBSCRIPTION} --client-id ${OWNER.clientId} --client-secret-file - <<< ${OWNER.secret ?? ''}
`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void shell.close())
