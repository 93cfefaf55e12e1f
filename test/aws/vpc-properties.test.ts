import { array, assert, asyncProperty, constantFrom, nat, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Shield } from '../../src/domain/access/desired.ts'
import { resourceName } from '../../src/domain/resource-id.ts'
import { HOUR } from '../../src/domain/time.ts'
import { anOpening, NOON } from '../support/builders.ts'
import type { Ec2Model, World } from './ec2-model.ts'
import { modelOf, randomVpc, shieldsArbitrary } from './random-vpc.ts'
import { desiredOf, NOTHING, vpcStage } from './vpc-stage.ts'
import { letIn, letOut, withoutRuleIds } from './who-gets-in.ts'

/** What an interface must let in while machines are protected: what it let in before, but for its own protected ports. */
function rightful(before: World, networkInterface: string, shields: readonly Shield[]): Set<string> {
  const instance = before.interfaces.get(networkInterface)?.instance
  const ports = shields.filter(({ machine }) => resourceName(machine) === instance).flatMap((shield) => shield.ports)
  const isProtected = (text: string): boolean => {
    const [protocol = '', port] = text.split(' ')
    return ports.some(
      (one) => String(one.number) === port && (one.protocol === '*' || one.protocol.toLowerCase() === protocol),
    )
  }
  return new Set([...letIn(before, networkInterface)].filter((text) => !isProtected(text)))
}

/** After every single change, nobody is closed who should not be, and nobody gets out who did not before. */
function watchNeighbours(model: Ec2Model, before: World, stages: readonly (readonly Shield[])[]): void {
  model.afterWrite = () => {
    for (const id of before.interfaces.keys()) {
      const now = letIn(model.world, id)
      const never = stages.map((shields) => rightful(before, id, shields)).reduce((a, b) => a.intersection(b))
      expect([...never.difference(now)]).toEqual([])
      expect(letOut(model.world, id)).toEqual(letOut(before, id))
    }
  }
}

function expectRightful(model: Ec2Model, before: World, shields: readonly Shield[]): void {
  for (const id of before.interfaces.keys()) expect(letIn(model.world, id)).toEqual(rightful(before, id, shields))
}

const RUNS = { numRuns: 150 }

describe('protecting and unprotecting whatever a VPC holds', () => {
  it('closes the protected ports, nothing else, and nobody for a moment; and in the end all is as before', async () => {
    await assert(
      asyncProperty(randomVpc, shieldsArbitrary, async (vpc, later) => {
        const model = modelOf(vpc)
        const before = model.world
        const stage = vpcStage(model)
        watchNeighbours(model, before, [vpc.shields, later, []])
        for (const shields of [vpc.shields, later, vpc.shields]) {
          const plan = await stage.settle(desiredOf(shields))
          expect([plan.unprotected, plan.warnings]).toEqual([[], []])
          expectRightful(model, before, shields)
        }
        await stage.settle(NOTHING)
        expect(withoutRuleIds(model.world)).toEqual(withoutRuleIds(before))
        expect(stage.journal).toEqual([])
      }),
      RUNS,
    )
  })

  it('ends in the same state when the program dies at any change, and when changes are shown late', async () => {
    await assert(
      asyncProperty(
        randomVpc,
        array(tuple(nat(6), constantFrom('before' as const, 'after' as const)), { maxLength: 6 }),
        constantFrom(0, 0, 300),
        async (vpc, deaths, lag) => {
          const model = modelOf(vpc)
          const before = model.world
          const stage = vpcStage(model)
          watchNeighbours(model, before, [vpc.shields, []])
          model.lag = lag
          const holes = vpc.shields.map(({ machine, ports }) =>
            anOpening({ machine, port: ports[0]?.number ?? 22, until: NOON + HOUR, from: '*' }),
          )
          const failures: string[] = []
          const desires = [desiredOf(vpc.shields, holes), desiredOf(vpc.shields), NOTHING]
          for (const desired of desires) {
            for (const [calls, when] of deaths) {
              let left = calls
              model.mishap = () => (left-- === 0 ? { when, error: new Error('dead') } : undefined)
              await stage.settle(desired).catch((cause: unknown) => failures.push(String(cause)))
            }
            model.mishap = () => undefined
            await stage.settle(desired)
          }
          model.now += 10_000
          expect(failures.filter((text) => !/dead|does not show/.test(text))).toEqual([])
          expect(withoutRuleIds(model.world)).toEqual(withoutRuleIds(before))
        },
      ),
      RUNS,
    )
  })
})
