/**
 * Text from elsewhere, made safe for a terminal: somebody's justification must not move the cursor, hide a line or
 * write right to left over what stands beside it.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\r\n\t]+/g, ' ').replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD')
}
