/** What Prometheus reads. The one that matters is `sallyport_overdue_holes`: anything but 0 is an alarm. */
import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client'
import type { App } from '../app/app.ts'
import { countOverdue } from '../app/convergence/unreachable-points.ts'
import { SECOND, type Millis } from '../domain/time.ts'
import { CHECKPOINT_CURSOR } from './trail/checkpoint-webhook.ts'

/** A hole is overdue when its end has passed by this much and no point was seen to have closed it. */
const OVERDUE_AFTER: Millis = 5 * SECOND

export function createMetrics(
  app: Pick<App, 'store' | 'clock' | 'inventory'>,
  others: readonly Metric[] = [],
): Registry {
  const { store, clock } = app
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const overdue = new Gauge({
    name: 'sallyport_overdue_holes',
    help: 'Holes not seen closed although their end has passed; must be 0',
    registers: [],
    async collect() {
      this.set((await countOverdue(app, clock.now() - OVERDUE_AFTER)).overdue)
    },
  })
  const unproven = new Gauge({
    name: 'sallyport_unproven_holes',
    help: 'Holes that ended on hosts that are unreachable: closed by their kernels, and not proven yet',
    registers: [],
    async collect() {
      this.set((await countOverdue(app, clock.now() - OVERDUE_AFTER)).unproven)
    },
  })
  const behind = new Gauge({
    name: 'sallyport_audit_sink_behind',
    help: 'Audit events that a sink has not had yet',
    labelNames: ['sink'],
    registers: [],
    async collect() {
      const [{ seq }, cursors] = await Promise.all([store.reads.auditHead(), store.reads.trail.cursors()])
      for (const [sink, had] of cursors) if (sink !== CHECKPOINT_CURSOR) this.set({ sink }, seq - had)
    },
  })
  for (const gauge of [overdue, unproven, behind, ...others]) registry.registerMetric(gauge)
  return registry
}

/** Logs an error while holes are overdue; returns how to stop. */
export function watchOverdue(app: Pick<App, 'store' | 'clock' | 'log' | 'inventory'>): () => void {
  const { clock, log } = app
  const look = async (): Promise<void> => {
    try {
      const { overdue } = await countOverdue(app, clock.now() - OVERDUE_AFTER)
      if (overdue > 0)
        log.error(
          { overdue },
          'holes are open past their end: see which points fail, and close them by hand if need be',
        )
    } catch (cause) {
      log.error({ cause }, 'the store does not answer; overdue holes cannot be counted')
    }
  }
  const timer = setInterval(() => void look(), OVERDUE_AFTER)
  return () => clearInterval(timer)
}
