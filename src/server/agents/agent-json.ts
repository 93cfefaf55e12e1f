/**
 * What an agent says, as a value. It is parsed only when it has no more parts than a host with a hundred thousand holes has to
 * tell: a host that is not its own master any more could otherwise make millions of values of one message, and so end the
 * server for all.
 */

/** A hole has eight. */
const MOST_PARTS = 1_200_000

const COMMA = 0x2c
const BRACKET = 0x5b
const BRACE = 0x7b

/** Undefined for what is no JSON, or too much of it. */
export function agentJson(data: Buffer): unknown {
  if (hasTooManyParts(data)) return undefined
  try {
    return JSON.parse(data.toString())
  } catch {
    return undefined
  }
}

/** Also those within texts count, which are few. */
function hasTooManyParts(data: Buffer): boolean {
  let parts = 0
  for (const byte of data) if (byte === COMMA || byte === BRACKET || byte === BRACE) parts += 1
  return parts > MOST_PARTS
}
