/**
 * One cell of CSV (RFC 4180). Spreadsheets run a cell that begins like a formula; such a beginning gets an apostrophe in front:
 * what people write, such as a justification, must never be a program on the desk of who reads the export.
 */

/**
 * Where a cell may begin that runs: at its beginning, and after what a spreadsheet set to another country takes for the end
 * of a cell or line. Excel does so with semicolons, and then knows no quotes within a cell.
 */
const FORMULA = /(^|[;\r\n])(?=[ "]*[=+\-@＝＋－＠])/g

export function csvField(text: string): string {
  const harmless = text.replaceAll(FORMULA, "$1'").replace(/^(?=[\t\r\n])/, "'")
  return /[",\r\n]/.test(harmless) || harmless !== text ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
