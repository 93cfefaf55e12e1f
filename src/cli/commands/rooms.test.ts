/** `sallyport host show` is found in host/show.ts (ADR 0027); several verbs of one kind share a file, named after what they share. */
import { Command } from 'commander'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ioOf } from '../io.ts'
import { buildProgram } from '../program.ts'

const io = ioOf(process, '')
const program = buildProgram(io)

/** What a file adds, in the order of its functions. */
async function addedBy(file: string): Promise<string[]> {
  const parts = Object.entries((await import(join(import.meta.dirname, file))) as object) // a module of functions
  const parent = new Command().enablePositionalOptions()
  for (const [name, add] of parts) if (name.startsWith('add') && typeof add === 'function') add(parent, io)
  return parent.commands.map((command) => command.name()).filter((name) => !name.startsWith('__'))
}

/** `role-definition` is `sallyport role definition`, `service-principal` is one word. */
function verbsOf(room: string): string[] {
  const below = (command: Command | undefined, name: string) => command?.commands.find((one) => one.name() === name)
  const group = below(program, room) ?? room.split('-').reduce(below, program)
  return (group?.commands ?? []).filter(({ commands }) => commands.length === 0).map((command) => command.name())
}

function misplaced(room: string, added: Readonly<Record<string, readonly string[]>>): string[] {
  const [have, want] = [Object.values(added).flat(), verbsOf(room)]
  const misnamed = Object.entries(added).filter(([file, verbs]) => verbs.length === 1 && !verbs.includes(file))
  return [
    ...misnamed.map(([file, verbs]) => `${room}/${file}.ts adds ${verbs.join()}`),
    ...have.filter((verb) => !want.includes(verb)).map((verb) => `there is no sallyport ${room} ${verb}`),
    ...want.filter((verb) => !have.includes(verb)).map((verb) => `${room} ${verb} is added from elsewhere`),
  ]
}

const files = globSync('*/*.ts', { cwd: import.meta.dirname }).map((file) => file.replaceAll('\\', '/'))
const rooms = new Map<string, Record<string, string[]>>()
for (const file of files) {
  const [room = '', verb = ''] = file.replace(/\.ts$/, '').split('/')
  if (!verb.includes('.')) rooms.set(room, { ...rooms.get(room), [verb]: await addedBy(file) })
}

test('every command lies where its words say', () => {
  expect(rooms.size).toBeGreaterThan(10)
  expect([...rooms].flatMap(([room, added]) => misplaced(room, added))).toEqual([])
})

test('a file of another name, in another room or missing is found', () => {
  const { show = [], ...others } = rooms.get('machine') ?? {}
  expect(misplaced('machine', { ...others, display: show })).toEqual(['machine/display.ts adds show'])
  expect(misplaced('machine', others)).toEqual(['machine show is added from elsewhere'])
  expect(misplaced('flow', { ...rooms.get('flow'), show })).toEqual(['there is no sallyport flow show'])
})
