/**
 * The text of a file that somebody wrote with whatever they had: PowerShell's `>` and some editors of Windows write UTF-16,
 * or put a mark before UTF-8.
 */

export function decodedText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes) // which leaves the mark out
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
}
