import { describe, expect, it } from 'vitest'
import { checkNameIn } from './check-name.ts'
import { checkNames } from './check-names.messages.ts'

describe('a check is called', () => {
  it('in the language of the reader', () => {
    expect(checkNameIn(checkNames.nl, 'other firewall')).toBe('Een andere firewall')
  })

  it('with the name that it is about, whatever stands in it', () => {
    expect(checkNameIn(checkNames['zh-TW'], 'connection pro$&duction')).toBe('連線 pro$&duction')
  })

  it('as it calls itself, where nobody has words for it', () => {
    expect(checkNameIn(checkNames.nl, 'ec2:DescribeInstances')).toBe('ec2:DescribeInstances')
    expect(checkNameIn(checkNames.nl, 'constructor')).toBe('constructor')
  })
})
