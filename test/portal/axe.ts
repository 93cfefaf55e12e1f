/** Asks axe what a person with a screen reader, a keyboard or weak eyes would stumble over on a page. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What fades in is pale until it is there; a skeleton pulses for ever, and what is said in passing stays for seconds. */
const SETTLED = `Promise.allSettled(document.getAnimations()
  .filter((one) => one.effect.getComputedTiming().endTime < 1_000).map((one) => one.finished)).then(() => true)`

/** A sentence per violation; empty when there is none. */
export async function violationsOn(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy forbids scripts of others, and must keep doing so.
  await page.evaluate(script)
  await page.evaluate(SETTLED)
  // Fluent's focus keeper puts in elements that hand the focus on at once; nobody ever stands on one.
  const context = '{ exclude: [["[data-tabster-dummy]"]] }'
  const results = await page.evaluate<AxeResults>(`axe.run(${context}, { resultTypes: ["violations"] })`)
  return results.violations.flatMap(({ id, help, nodes }) => {
    const targets = nodes.map(({ target }) => target.join(' ')).filter((target) => !isMenu(id, target))
    return targets.length === 0 ? [] : [`${id}: ${help} (${targets.join(', ')})`]
  })
}

/** An open menu is reached by its button and left by Escape; nobody looks for it by landmarks. */
function isMenu(rule: string, target: string): boolean {
  return rule === 'region' && /\.fui-Menu(?:Popover|Item|List)/.test(target)
}
