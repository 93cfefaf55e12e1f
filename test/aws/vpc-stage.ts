/** A VPC with its driver, and the little loop that carries desire to it as the product's passes do, journal first. */
import type { Driver, JournalEntry, Scope } from '../../src/app/ports/driver.ts'
import type { PointId } from '../../src/app/ports/inventory.ts'
import type { Desired, ProtectedPort, Shield } from '../../src/domain/access/desired.ts'
import { holesFrom, type Opening } from '../../src/domain/access/hole.ts'
import type { ResourceId } from '../../src/domain/resource-id.ts'
import type { VpcPlan } from '../../src/drivers/aws/plan-vpc.ts'
import { vpcDriver } from '../../src/drivers/aws/vpc-driver.ts'
import { aMachineId, NOON } from '../support/builders.ts'
import type { Ec2Model } from './ec2-model.ts'

export const VPC = 'vpc-00000000000000001'
export const POINT = `aws:123456789012/eu-central-1/${VPC}` as PointId

export function machineOf(instance: string): ResourceId {
  return aMachineId(`aws/ec2Instances/${instance}`, { type: 'Microsoft.Security/securityConnectors' })
}

export function shieldOf(instance: string, ...ports: readonly ProtectedPort[]): Shield {
  return { machine: machineOf(instance), policy: 'default', ports }
}

export interface VpcStage {
  readonly driver: Driver
  journal: readonly JournalEntry[]
  plan(desired: Desired, scope?: Scope): Promise<VpcPlan>
  /** Runs passes until nothing is left to do; the last plan. */
  settle(desired: Desired, scope?: Scope): Promise<VpcPlan>
}

export function vpcStage(model: Ec2Model): VpcStage {
  const traits = {}
  const driver = vpcDriver({
    reach: () => Promise.resolve({ ec2: model, vpc: VPC, quotas: () => Promise.resolve(model.limits), traits }),
    traitsOf: () => traits,
    names: () => new Map([['i-named', 'web9']]),
    onObserved: () => {},
    onMisfits: () => {},
    watch: () => () => {},
    clock: { now: () => model.now },
    sleep: (millis) => {
      model.now += millis
      return Promise.resolve()
    },
  })
  return stageOn(driver, POINT)
}

export function stageOn(driver: Driver, point: PointId): VpcStage {
  const { signal } = new AbortController()
  const stage: VpcStage = {
    driver,
    journal: [],
    async plan(desired, scope = 'all') {
      const observed = await driver.observe(point, scope, signal)
      return driver.plan({ desired, observed, scope, journal: stage.journal, now: NOON }) as VpcPlan // the driver's own
    },
    async settle(desired, scope = 'all') {
      for (let round = 0; round < 8; round++) {
        const plan = await stage.plan(desired, scope)
        stage.journal = plan.journal
        if (plan.steps.length === 0) return plan
        await driver.apply(point, plan, signal)
      }
      const { steps } = await stage.plan(desired, scope)
      throw new Error(`still to do: ${steps.map(({ text }) => text).join('; ')}`)
    },
  }
  return stage
}

export function desiredOf(shields: readonly Shield[], openings: readonly Opening[] = []): Desired {
  return { shields, holes: holesFrom(openings) }
}

export const NOTHING: Desired = { shields: [], holes: [] }
