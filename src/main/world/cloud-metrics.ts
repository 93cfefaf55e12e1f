/** Metrics of the connections to clouds: how old what is known is, and what is left of the calls that a cloud allows. */
import { Gauge } from 'prom-client'
import type { App } from '../../app/app.ts'
import type { Clouds } from '../../app/clouds/clouds.ts'
import type { CallBudget } from '../../app/ports/clouds.ts'
import { SECOND } from '../../domain/time.ts'

type Watched = Pick<Clouds, 'connections' | 'stateOf' | 'budgets'>

export function cloudMetrics(clouds: Watched, { clock }: Pick<App, 'clock'>): Gauge[] {
  const states = () => clouds.connections().map(({ key, name }) => ({ connection: name, ...clouds.stateOf(key) }))
  return [
    gauge(
      'sallyport_inventory_age_seconds',
      'Since the machines of a connection were last read',
      ['connection'],
      (set) => {
        for (const { connection, readAt } of states())
          if (readAt !== undefined) set({ connection }, (clock.now() - readAt) / SECOND)
      },
    ),
    gauge('sallyport_inventory_stale', '1 while the machines of a connection cannot be read', ['connection'], (set) => {
      for (const { connection, state } of states()) set({ connection }, state === 'stale' ? 1 : 0)
    }),
    gauge('sallyport_connection_machines', 'Machines that a connection reaches', ['connection'], (set) => {
      for (const { connection, machines } of states()) set({ connection }, machines)
    }),
    budget('sallyport_cloud_calls_left', 'Calls that a cloud still allows just now', clouds, ({ left }) => left),
    budget('sallyport_cloud_calls_waiting', 'Calls that wait for their turn', clouds, ({ waiting }) => waiting),
  ]
}

type Set = (labels: Record<string, string>, value: number) => void

function gauge(name: string, help: string, labelNames: string[], collect: (set: Set) => void): Gauge {
  return new Gauge({
    name,
    help,
    labelNames,
    registers: [],
    collect() {
      // What is gone since the last time must not stay as it was.
      this.reset()
      collect((labels, value) => this.set(labels, value))
    },
  })
}

function budget(name: string, help: string, clouds: Watched, of: (budget: CallBudget) => number): Gauge {
  return gauge(name, help, ['subscription', 'kind'], (set) => {
    for (const each of clouds.budgets()) set({ subscription: each.subscription, kind: each.kind }, of(each))
  })
}
