import { describe, expect, it } from 'vitest'
import type { Program } from './directory.ts'
import { azureFirewall, OWNER, publicAddress, securityGroup, SUBSCRIPTION, virtualNetwork } from './estate.ts'
import { EMPTY_GROUP, standingDouble, WEB } from './standing-double.ts'

const HERE = `/subscriptions/${SUBSCRIPTION}`

function withActions(...actions: readonly string[]): Program {
  return { ...OWNER, assignments: [{ scope: HERE, role: { actions, notActions: [] } }] }
}

describe('rights', () => {
  it('a call without the right is refused with the action and the scope that were missing', () => {
    const { send } = standingDouble({}, withActions('Microsoft.Network/*/read'))
    expect(send('GET', WEB).status).toBe(200)
    const refused = send('PUT', WEB, EMPTY_GROUP)
    expect(refused).toMatchObject({ status: 403, json: { error: { code: 'AuthorizationFailed' } } })
    expect(refused.json.error.message).toContain(
      `does not have authorization to perform action 'Microsoft.Network/networkSecurityGroups/write' over scope '${WEB}'`,
    )
  })

  it('the permissions of a scope are listed role by role, those from above too', () => {
    const { send } = standingDouble({}, withActions('Microsoft.Network/networkSecurityGroups/read'))
    const permissions = (scope: string) =>
      send('GET', `${scope}/providers/Microsoft.Authorization/permissions`).json.value
    expect(permissions(WEB)).toEqual([
      {
        actions: ['Microsoft.Network/networkSecurityGroups/read'],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      },
    ])
    expect(permissions(`${HERE}/resourceGroups/shop`)).toHaveLength(1)
    expect(send('GET', '/subscriptions').json.value).toEqual([])
  })

  it('Resource Graph shows only what the caller may read', () => {
    const { double, send } = standingDouble({}, withActions('Microsoft.Network/virtualNetworks/read'))
    double.place(virtualNetwork('net', []))
    const { data } = send('POST', '/providers/Microsoft.ResourceGraph/resources', {
      query: 'Resources | project name',
    }).json
    expect(data).toEqual([{ name: 'net' }])
  })

  it('a firewall that is written needs the right to use its subnet and addresses too', () => {
    const { double, send } = standingDouble({}, withActions('Microsoft.Network/azureFirewalls/*'))
    double.place(publicAddress('ip', '198.51.100.1'))
    const firewall = azureFirewall({ name: 'fw', network: 'net', publicIps: ['ip'], privateIp: '10.0.255.4' })
    double.place(firewall)
    const put = () => send('PUT', firewall.id, { location: firewall.location, properties: firewall.properties })
    expect(put()).toMatchObject({ status: 403, json: { error: { code: 'LinkedAuthorizationFailed' } } })
    const join = [
      'Microsoft.Network/virtualNetworks/subnets/join/action',
      'Microsoft.Network/publicIPAddresses/join/action',
    ]
    double.assign(OWNER.clientId, withActions('Microsoft.Network/azureFirewalls/*', ...join).assignments)
    expect(put().status).toBe(200)
  })

  it('without a token, or with a spent one, nobody gets in', () => {
    const { double, time, send } = standingDouble()
    double.place(securityGroup('web', []))
    const bare = double.handle({ method: 'GET', url: `https://arm.double${WEB}?api-version=2024-05-01`, headers: {} })
    expect(JSON.parse(bare.response?.body ?? '').error.code).toBe('AuthenticationFailed')
    time.now += 60 * 60_000
    expect(send('GET', WEB)).toMatchObject({ status: 401, json: { error: { code: 'ExpiredAuthenticationToken' } } })
  })
})
