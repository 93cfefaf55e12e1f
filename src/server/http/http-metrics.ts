/** How long each operation takes, by operation and status. Never labelled with what a caller wrote. */
import { Histogram, type Registry } from 'prom-client'

export type Observe = (operation: string, status: number, seconds: number) => void

export function httpMetrics(registry: Registry): Observe {
  const duration = new Histogram({
    name: 'sallyport_http_request_duration_seconds',
    help: 'How long an operation took until its answer was sent',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  return (operation, status, seconds) => duration.labels(operation, String(status)).observe(seconds)
}
