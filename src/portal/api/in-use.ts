/**
 * Whether somebody is at the page. What the page asks while nobody is, the server is told about, and does not take for use:
 * a portal that was left open is signed out like one that was closed.
 */

/** Reading takes a while; whoever reads moves something now and then. */
const STILL_THERE = 2 * 60_000
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart'] as const

let lastSign = Date.now()
for (const sign of SIGNS) window.addEventListener(sign, noteSign, { passive: true, capture: true })

function noteSign(): void {
  lastSign = Date.now()
}

export function isInUse(): boolean {
  return document.visibilityState === 'visible' && Date.now() - lastSign < STILL_THERE
}
