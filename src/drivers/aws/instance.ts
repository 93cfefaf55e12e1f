/** An EC2 instance as it is listed. */
import type { Tags } from './group-rule.ts'

export interface Instance {
  readonly id: string
  /** Undefined in EC2-Classic, where nothing here applies. */
  readonly vpc: string | undefined
  readonly state: string
  readonly os: 'Linux' | 'Windows'
  readonly tags: Tags
  /** When it was launched. */
  readonly launched?: string
}
