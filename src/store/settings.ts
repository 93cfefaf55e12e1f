/** Named values that an installation keeps about itself. */
import type { Session } from './session.ts'
import { statement } from './statement.ts'

export async function readSetting(session: Session, name: string): Promise<string | undefined> {
  const [row] = await settingNamed(session, { name })
  return row?.value
}

const settingNamed = statement((writer, p: { name: string }) =>
  writer.selectFrom('settings').select('value').where('name', '=', p.name),
)

export async function writeSetting(session: Session, name: string, value: string): Promise<void> {
  await put(session, { name, value })
}

const put = statement((writer, p: { name: string; value: string }) =>
  writer
    .insertInto('settings')
    .values({ name: p.name, value: p.value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: p.value })),
)

/** The insert waits for whoever inserts the same; what is read after it is what came first. */
export async function ensureSetting(session: Session, name: string, value: string): Promise<string> {
  await putIfNone(session, { name, value })
  return (await readSetting(session, name)) ?? value
}

const putIfNone = statement((writer, p: { name: string; value: string }) =>
  writer
    .insertInto('settings')
    .values({ name: p.name, value: p.value })
    .onConflict((conflict) => conflict.column('name').doNothing()),
)
