/** Careful looks into JSON of unknown shape: nft's listings differ between versions, so nothing about them is assumed. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function objectAt(value: unknown, key: string): JsonObject | undefined {
  const found = isObject(value) ? value[key] : undefined
  return isObject(found) ? found : undefined
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined
  return typeof found === 'string' ? found : undefined
}

export function listAt(value: unknown, key: string): readonly unknown[] | undefined {
  const found: unknown = isObject(value) ? value[key] : undefined
  return Array.isArray(found) ? found : undefined
}

/** The only key of an object like `{"match": …}`, and its value. */
export function onlyEntry(value: unknown): readonly [string, unknown] | undefined {
  const entries = isObject(value) ? Object.entries(value) : []
  return entries.length === 1 ? entries[0] : undefined
}
