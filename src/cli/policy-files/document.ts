/**
 * The documents of one YAML or JSON file, with the place of everything in them. YAML 1.2 contains JSON, so there is one
 * parser; it refuses keys that are written twice and references that unfold without end.
 */
import { isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document, type Node, type Pair } from 'yaml'
import type { Locate, Mistake, Path, Place } from './place.ts'

export interface ReadDocument {
  readonly value: unknown
  readonly locate: Locate
}

export interface ReadFile {
  readonly documents: readonly ReadDocument[]
  readonly mistakes: readonly Mistake[]
}

export function readDocuments(text: string, file: string): ReadFile {
  const lineCounter = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter })
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const documents: ReadDocument[] = []
  const mistakes: Mistake[] = []
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const found = document.errors.map((error) => ({ message: plain(error.message), place: placeAt(error.pos[0]) }))
    mistakes.push(...found)
    if (found.length === 0) read(document, { placeAt, documents, mistakes })
  }
  return { documents, mistakes }
}

interface Into {
  readonly placeAt: (offset: number) => Place
  readonly documents: ReadDocument[]
  readonly mistakes: Mistake[]
}

function read(document: Document.Parsed, { placeAt, documents, mistakes }: Into): void {
  if (document.contents === null) return // nothing between two lines of dashes
  const locate: Locate = (path) => placeAt(offsetOf(document, path))
  try {
    documents.push({ value: document.toJS(), locate })
  } catch (error) {
    mistakes.push({ message: error instanceof Error ? error.message : String(error), place: locate([]) })
  }
}

/** The library's message ends with the source line and an arrow; the place says as much. */
function plain(message: string): string {
  return (message.split('\n', 1)[0] ?? message).replace(/ at line \d+, column \d+:?$/, '')
}

/** Of the last thing on the way that there is. */
function offsetOf(document: Document.Parsed, path: Path): number {
  let node: unknown = document.contents
  let offset = document.contents?.range[0] ?? 0
  for (const step of path) {
    const found = childOf(node, step)
    if (found === undefined) break
    offset = found.offset
    node = found.node
  }
  return offset
}

interface Found {
  readonly node: unknown
  readonly offset: number
}

function childOf(node: unknown, step: string | number): Found | undefined {
  if (isSeq<Node>(node) && typeof step === 'number') {
    const item = node.items[step]
    return item === undefined ? undefined : { node: item, offset: item.range?.[0] ?? 0 }
  }
  if (!isMap<Node, Node | null>(node)) return undefined
  const pair = node.items.find(({ key }) => String(key) === String(step))
  return pair === undefined ? undefined : { node: pair.value, offset: offsetOfPair(pair) }
}

/** A value that is a text or a number; the key of everything longer, and of what has no value. */
function offsetOfPair({ key, value }: Pair<Node, Node | null>): number {
  const shown = isScalar(value) ? value : key
  return shown.range?.[0] ?? 0
}
