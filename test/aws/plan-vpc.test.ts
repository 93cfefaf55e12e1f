import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/domain/time.ts'
import { anOpening, NOON } from '../support/builders.ts'
import type { Ec2Model } from './ec2-model.ts'
import { addRule, rulesOf, smallVpc } from './small-vpc.ts'
import { desiredOf, machineOf, NOTHING, POINT, shieldOf, vpcStage, type VpcStage } from './vpc-stage.ts'
import { withoutRuleIds } from './who-gets-in.ts'

const SSH = { number: 22, protocol: 'TCP' } as const
const RDP = { number: 3389, protocol: 'TCP' } as const
const WEB = shieldOf('i-web', SSH)

function ourGroup(model: Ec2Model, name: RegExp): string {
  return [...model.world.groups.values()].find((group) => name.test(group.name))?.id ?? 'none'
}

function opening(from: string, { grant = 'g1', until = NOON + HOUR } = {}): ReturnType<typeof anOpening> {
  return anOpening({ grant, machine: machineOf('i-web'), port: 22, protocol: 'TCP', from, until })
}

async function protectedStage(model: Ec2Model): Promise<VpcStage> {
  const stage = vpcStage(model)
  await stage.settle(desiredOf([WEB]))
  return stage
}

describe('protecting a port of an instance', () => {
  it('revokes what opens it, keeps the other ports of a range, and gives neighbours what they had', async () => {
    const model = smallVpc({
      groups: { web: ['tcp 20-30 10.0.0.0/8', 'tcp 443 0.0.0.0/0'] },
      carry: { 'i-web': ['web'], 'i-other': ['web'] },
    })
    await protectedStage(model)
    expect(rulesOf(model, 'sg-web')).toEqual(['tcp 20-21 10.0.0.0/8', 'tcp 23-30 10.0.0.0/8', 'tcp 443 0.0.0.0/0'])
    const keep = ourGroup(model, /keep/)
    expect(rulesOf(model, keep)).toEqual(['tcp 20-30 10.0.0.0/8'])
    expect(model.world.interfaces.get('eni-of-i-other')?.groups).toEqual(['sg-web', keep])
    expect(model.world.interfaces.get('eni-of-i-web')?.groups).toEqual(['sg-web', ourGroup(model, /jit/)])
  })

  it('says what it will do in sentences that name rules, groups and what is lost', async () => {
    const model = smallVpc({ groups: { web: ['all 10.0.0.0/8'] }, carry: { 'i-web': ['web'] } })
    const { steps } = await vpcStage(model).plan(desiredOf([WEB]))
    expect(steps.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(
        /^protect tcp 22 on i-web: revoke everything from 10\.0\.0\.0\/8 in sg-web \(web\); leaving .*tcp 0-21.*icmp.*; protocols without ports, other than ICMP, are closed with it$/,
      ),
    )
  })

  it('warns that sessions end which AWS does not track', async () => {
    const model = smallVpc({ groups: { web: ['tcp 22 0.0.0.0/0'] }, carry: { 'i-web': ['web'] } })
    model.change(() => ({
      outbound: new Map([
        ['sgr-o', { id: 'sgr-o', group: 'sg-web', protocol: '-1', from: -1, to: -1, peer: '0.0.0.0/0', tags: {} }],
      ]),
    }))
    const { steps } = await vpcStage(model).plan(desiredOf([WEB], [opening('*')]))
    const texts = steps.map(({ text }) => text)
    expect(texts).toContainEqual(expect.stringMatching(/revoke tcp 22 .* are not tracked by AWS and end now$/))
    expect(texts).toContainEqual(expect.stringMatching(/^open tcp 22 from 0\.0\.0\.0\/0 .* end with it$/))
  })

  it('keeps what two policies protect apart: each machine loses only its own ports', async () => {
    const model = smallVpc({
      groups: { web: ['tcp 0-65535 10.0.0.0/8'] },
      carry: { 'i-web': ['web'], 'i-win': ['web'] },
    })
    const stage = vpcStage(model)
    await stage.settle(desiredOf([WEB, shieldOf('i-win', RDP)]))
    const [first, second] = ['i-web', 'i-win'].map((instance) =>
      [...(model.world.interfaces.get(`eni-of-${instance}`)?.groups ?? [])].flatMap((group) => rulesOf(model, group)),
    )
    expect(first).toContain('tcp 23-65535 10.0.0.0/8')
    expect(second).toContain('tcp 0-3388 10.0.0.0/8')
    await stage.settle(NOTHING)
    expect(rulesOf(model, 'sg-web')).toEqual(['tcp 0-65535 10.0.0.0/8'])
  })
})

describe('quotas', () => {
  const full = { 'i-web': ['web', 'b', 'c', 'd', 'e'] }
  const groups = { web: ['tcp 22 10.0.0.0/8'], b: [], c: [], d: [], e: [] }

  it('that leave an interface no room for openings are a refusal, and nothing is changed', async () => {
    const model = smallVpc({ groups, carry: full })
    const before = model.world
    const plan = await vpcStage(model).settle(desiredOf([WEB]))
    expect(plan.unprotected.map(({ code, message }) => `${code}: ${message}`)).toEqual([
      expect.stringMatching(/^TooManySecurityGroups: eni-of-i-web of i-web carries 5 security groups and needs 1 more/),
    ])
    expect(model.world).toEqual(before)
  })

  it('that leave a neighbour no room are a refusal too, which foreseeing tells', async () => {
    const model = smallVpc({ groups, carry: { 'i-web': ['web'], 'i-other': ['web', 'b', 'c', 'd', 'e'] } })
    const { driver } = vpcStage(model)
    const { signal } = new AbortController()
    const misfits = await driver.foresee?.({ point: POINT, shields: [WEB], journal: [], now: NOON }, signal)
    expect(misfits?.map(({ message }) => message)).toEqual([expect.stringContaining('eni-of-i-other of i-other')])
    expect(await driver.foresee?.({ point: POINT, shields: [], journal: [], now: NOON }, signal)).toEqual([])
  })

  it('of rules are counted before anything is changed, prefix lists with all they may hold', async () => {
    const many = Array.from({ length: 59 }, (_, index) => `tcp ${100 + index} 10.0.0.0/8`)
    const model = smallVpc({ groups: { web: ['tcp 20-30 10.0.0.0/8', ...many] }, carry: { 'i-web': ['web'] } })
    const before = model.world
    const plan = await vpcStage(model).settle(desiredOf([WEB]))
    expect(plan.unprotected.map(({ message }) => message)).toEqual([
      expect.stringMatching(/sg-web \(web\) has 60 inbound rules and needs 2 more/),
    ])
    expect(model.world).toEqual(before)
    const list = smallVpc({
      groups: { web: ['tcp 22 pl-1', 'tcp 23 pl-1'] },
      carry: { 'i-web': ['web'], 'i-b': ['web'] },
    })
    list.lists = [{ id: 'pl-1', name: 'big', family: 4, maxEntries: 40 }]
    expect((await vpcStage(list).settle(desiredOf([WEB]))).unprotected).toEqual([])
  })

  it('that one machine passes do not keep others from being protected', async () => {
    const model = smallVpc({
      groups: { ...groups, own: ['tcp 22 10.0.0.0/8'] },
      carry: { ...full, 'i-good': ['own'] },
    })
    const plan = await vpcStage(model).settle(desiredOf([WEB, shieldOf('i-good', SSH)]))
    expect([plan.unprotected.length, rulesOf(model, 'sg-own'), rulesOf(model, 'sg-web')]).toEqual([
      1,
      [],
      ['tcp 22 10.0.0.0/8'],
    ])
  })

  it('that are full only now do not take back what was protected before', async () => {
    const model = smallVpc({ groups, carry: { 'i-web': ['web'] } })
    const stage = await protectedStage(model)
    const other = smallVpc({ groups, carry: { 'i-late': ['web', 'b', 'c', 'd', 'e'] } }).world.interfaces
    model.change(({ interfaces }) => ({ interfaces: new Map([...interfaces, ...other]) }))
    const plan = await stage.settle(desiredOf([WEB]))
    expect(rulesOf(model, 'sg-web')).toEqual([])
    expect([plan.unprotected, plan.warnings.map(({ code }) => code)]).toEqual([[], ['TooManySecurityGroups']])
  })

  it('are not asked of a database or load balancer, which cannot be given another group', async () => {
    const model = smallVpc({ groups, carry: { 'i-web': ['web'], 'eni-rds': ['web'] } })
    model.change(({ interfaces }) => {
      const one = interfaces.get('eni-rds')
      if (one === undefined) throw new Error('no eni-rds')
      return { interfaces: new Map(interfaces).set(one.id, { ...one, isRequesterManaged: true, description: 'RDS' }) }
    })
    const { unprotected } = await vpcStage(model).settle(desiredOf([WEB]))
    expect(unprotected.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^sg-web cannot be narrowed: eni-rds \(RDS\) carries the same/),
    ])
  })

  it('of openings refuse the ones that do not fit, and keep those that stand', async () => {
    const model = smallVpc({ groups: { web: [] }, carry: { 'i-web': ['web'] } })
    const stage = await protectedStage(model)
    const openings = Array.from({ length: 61 }, (_, index) => opening(`203.0.113.${index}`, { grant: `g${index}` }))
    await stage.settle(desiredOf([WEB], openings.slice(0, 60)))
    const plan = await stage.settle(desiredOf([WEB], openings))
    expect([plan.held.size, [...plan.impossible.values()].map(({ code }) => code)]).toEqual([60, ['TooManyOpenings']])
    expect([...plan.impossible.keys()][0]).toContain('203.0.113.60')
  })
})

describe('openings', () => {
  it('overlap in one rule that lives to the latest end, and name all their grants', async () => {
    const model = smallVpc({ groups: { web: [] }, carry: { 'i-web': ['web'] } })
    const stage = await protectedStage(model)
    const both = [opening('203.0.113.7'), opening('203.0.113.7', { grant: 'g2', until: NOON + 2 * HOUR })]
    const plan = await stage.settle(desiredOf([WEB], both))
    const jit = ourGroup(model, /jit/)
    const [rule] = [...model.world.inbound.values()].filter(({ group }) => group === jit)
    expect([plan.held.size, rulesOf(model, jit)]).toEqual([1, ['tcp 22 203.0.113.7/32']])
    expect(rule?.tags).toEqual({
      'sallyport:point': POINT,
      'sallyport:grant': 'g1 g2',
      'sallyport:until': '2026-01-31T14:00:00.0000000Z',
    })
    await stage.settle(desiredOf([WEB], both.slice(0, 1)))
    expect(rulesOf(model, jit)).toEqual(['tcp 22 203.0.113.7/32'])
    await stage.settle(desiredOf([WEB]))
    expect(rulesOf(model, jit)).toEqual([])
  })

  it('for everybody are rules for both families, and never for every protocol', async () => {
    const model = smallVpc({ groups: { web: [] }, carry: { 'i-web': ['web'] } })
    const stage = vpcStage(model)
    await stage.settle(desiredOf([WEB], [{ ...opening('*'), protocol: '*' }]))
    expect(rulesOf(model, ourGroup(model, /jit/))).toEqual([
      'tcp 22 0.0.0.0/0',
      'tcp 22 ::/0',
      'udp 22 0.0.0.0/0',
      'udp 22 ::/0',
    ])
  })

  it('are looked at alone when only they changed: three readings, and one call to open', async () => {
    const model = smallVpc({ groups: { web: ['tcp 22 10.0.0.0/8'] }, carry: { 'i-web': ['web'] } })
    const stage = await protectedStage(model)
    const before = model.writes.length
    const desired = desiredOf([WEB], [opening('203.0.113.7')])
    const scope = new Set(desired.holes.map(({ slot }) => slot))
    const plan = await stage.settle(desired, scope)
    expect([plan.held.size, model.writes.slice(before)]).toEqual([1, ['authorize']])
    const closed = await stage.settle(desiredOf([WEB]), scope)
    expect([closed.lingering.size, model.writes.slice(before)]).toEqual([0, ['authorize', 'revoke']])
  })
})

it('an opening whose answer was lost is not taken for closed because it is not shown yet', async () => {
  const model = smallVpc({ groups: { web: [] }, carry: { 'i-web': ['web'] } })
  const stage = await protectedStage(model)
  model.lag = 500
  model.now += 10_000
  model.mishap = (call) => (call === 'authorize' ? { when: 'after', error: new Error('no answer') } : undefined)
  await expect(stage.settle(desiredOf([WEB], [opening('203.0.113.7')]))).rejects.toThrow('no answer')
  model.mishap = () => undefined
  await stage.settle(desiredOf([WEB]))
  expect(rulesOf(model, ourGroup(model, /jit/))).toEqual([])
})

describe('what others change', () => {
  const model = (): Ec2Model =>
    smallVpc({ groups: { web: ['tcp 20-30 10.0.0.0/8'] }, carry: { 'i-web': ['web'], 'i-other': ['web'] } })

  it('is repaired: a revoked rule that comes back, and it is restored as its owner last wrote it', async () => {
    const vpc = model()
    const stage = await protectedStage(vpc)
    addRule(vpc, 'web', 'tcp 20-30 10.0.0.0/8')
    const { steps } = await stage.plan(desiredOf([WEB]))
    expect(steps.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      expect.stringMatching(/^repair: repair tcp 22 on i-web: revoke tcp 20-30 .*, which somebody put back/),
    ])
    await stage.settle(desiredOf([WEB]))
    expect(rulesOf(vpc, 'sg-web')).toEqual(['tcp 20-21 10.0.0.0/8', 'tcp 23-30 10.0.0.0/8'])
    await stage.settle(NOTHING)
    expect(rulesOf(vpc, 'sg-web')).toEqual(['tcp 20-30 10.0.0.0/8'])
  })

  it('is closed when it opens a protected port anew, and is there again in the end', async () => {
    const vpc = model()
    const stage = await protectedStage(vpc)
    addRule(vpc, 'web', 'tcp 22 0.0.0.0/0')
    await stage.settle(desiredOf([WEB]))
    expect(rulesOf(vpc, 'sg-web')).toEqual(['tcp 20-21 10.0.0.0/8', 'tcp 23-30 10.0.0.0/8'])
    await stage.settle(NOTHING)
    expect(rulesOf(vpc, 'sg-web')).toEqual(['tcp 20-30 10.0.0.0/8', 'tcp 22 0.0.0.0/0'])
  })

  it('does not keep our rules from being known: tags that are taken away, groups that are taken off', async () => {
    const vpc = model()
    const before = vpc.world
    const stage = await protectedStage(vpc)
    vpc.change(({ inbound, groups, interfaces }) => ({
      inbound: new Map([...inbound].map(([id, rule]) => [id, { ...rule, tags: {} }])),
      groups: new Map([...groups].map(([id, group]) => [id, { ...group, tags: {} }])),
      interfaces: new Map([...interfaces].map(([id, one]) => [id, { ...one, groups: ['sg-web'] }])),
    }))
    const plan = await stage.plan(desiredOf([WEB]))
    expect(new Set(plan.steps.map(({ kind }) => kind))).toEqual(new Set(['repair', 'protect']))
    await stage.settle(desiredOf([WEB]))
    await stage.settle(NOTHING)
    expect(withoutRuleIds(vpc.world)).toEqual(withoutRuleIds(before))
  })

  it('reaches new neighbours: an instance launched into the group gets what the group lost', async () => {
    const vpc = model()
    const stage = await protectedStage(vpc)
    const late = smallVpc({ groups: {}, carry: { 'i-late': ['web'] } }).world.interfaces
    vpc.change(({ interfaces }) => ({ interfaces: new Map([...interfaces, ...late]) }))
    await stage.settle(desiredOf([WEB]))
    expect(vpc.world.interfaces.get('eni-of-i-late')?.groups).toEqual(['sg-web', ourGroup(vpc, /keep/)])
  })

  it('leaves nothing behind when the instance or the whole group is gone', async () => {
    const vpc = model()
    const stage = await protectedStage(vpc)
    vpc.change(({ interfaces }) => ({ interfaces: new Map([...interfaces].filter(([id]) => id !== 'eni-of-i-web')) }))
    await stage.settle(desiredOf([WEB]))
    expect(rulesOf(vpc, 'sg-web')).toEqual(['tcp 20-30 10.0.0.0/8'])
    expect([...vpc.world.groups.keys()]).toEqual(['sg-web'])
    vpc.change(() => ({ groups: new Map(), inbound: new Map(), interfaces: new Map() }))
    await stage.settle(NOTHING)
    expect(stage.journal).toEqual([])
  })

  it('never touches a group that only looks like ours, or a rule that others marked', async () => {
    const vpc = smallVpc({
      groups: { web: ['tcp 22 10.0.0.0/8'], 'sallyport-jit-i-web2': ['tcp 22 0.0.0.0/0'] },
      carry: { 'i-web': ['web'], 'i-web2': ['sallyport-jit-i-web2'] },
    })
    await protectedStage(vpc)
    expect(rulesOf(vpc, 'sg-sallyport-jit-i-web2')).toEqual(['tcp 22 0.0.0.0/0'])
  })

  it('when a group is nearly full, is put back although both do not fit beside each other', async () => {
    const vpc = smallVpc({ groups: { web: ['tcp 20-30 10.0.0.0/8'] }, carry: { 'i-web': ['web'] } })
    const stage = await protectedStage(vpc)
    for (let port = 0; port < 57; port++) addRule(vpc, 'web', `tcp ${100 + port} 10.0.0.0/8`)
    addRule(vpc, 'web', 'tcp 99 10.0.0.0/8')
    await stage.settle(NOTHING)
    expect(rulesOf(vpc, 'sg-web')).toContain('tcp 20-30 10.0.0.0/8')
    expect(rulesOf(vpc, 'sg-web')).toHaveLength(59)
  })
})
