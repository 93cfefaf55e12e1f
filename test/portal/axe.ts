/** Asks axe what a person with a screen reader, a keyboard or weak eyes would stumble over on a page. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

const script = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What fades in is pale until it is there; a skeleton pulses for ever, and what is said in passing stays for seconds. */
const MOVING = 'document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < 1_000)'
const SETTLED = `Promise.allSettled(${MOVING}.map((one) => one.finished)).then(() => true)`

/** What began to move while axe read was read halfway: such a reading is made again. */
const WATCH = `if (window.begun === undefined)
  for (const name of ['transitionrun', 'animationstart'])
    document.addEventListener(name, () => { window.begun += 1 }, true);
  window.begun = 0`

/** A browser tells of what began to move with its next frame. */
const BEGUN = 'new Promise((tell) => requestAnimationFrame(() => requestAnimationFrame(() => tell(window.begun))))'

const READINGS = 5

/** A sentence per violation; empty when there is none. */
export async function violationsOn(page: Page): Promise<string[]> {
  // Through the debugger: the page's own policy forbids scripts of others, and must keep doing so.
  await page.evaluate(script)
  // Fluent's focus keeper puts in elements that hand the focus on at once; nobody ever stands on one.
  const context = '{ exclude: [["[data-tabster-dummy]"]] }'
  let found: string[] = []
  for (let reading = 1; reading <= READINGS; reading++) {
    await page.evaluate(WATCH)
    await page.evaluate(SETTLED)
    const results = await page.evaluate<AxeResults>(`axe.run(${context}, { resultTypes: ["violations"] })`)
    found = results.violations.flatMap(worded)
    if (found.length === 0 || (await page.evaluate<number>(BEGUN)) === 0) break
  }
  return found
}

function worded({ id, help, nodes }: AxeResults['violations'][number]): string[] {
  const those = nodes.filter(({ target }) => !isMenu(id, target.join(' ')))
  return those.map(
    ({ target, html, failureSummary }) => `${id}: ${help} (${target.join(' ')}) ${html} ${failureSummary}`,
  )
}

/** An open menu is reached by its button and left by Escape; nobody looks for it by landmarks. */
function isMenu(rule: string, target: string): boolean {
  return rule === 'region' && /\.fui-Menu(?:Popover|Item|List)/.test(target)
}
