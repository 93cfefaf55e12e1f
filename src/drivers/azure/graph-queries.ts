/**
 * The questions that are asked of Azure Resource Graph, word for word. Few and exact: each is one resource type, gives
 * only what is needed of it, and is ordered by id, because paging is only whole over an ordered answer.
 * `mv-expand` takes at most 2,000 of a list; a subnet beyond them that is in use is asked for by itself.
 * Source: https://learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data
 */

export const MACHINES_QUERY = `resources
| where type in~ ('microsoft.compute/virtualmachines', 'microsoft.classiccompute/virtualmachines')
| project id, type, location, tags, vmId = tostring(properties.vmId), os = tostring(properties.storageProfile.osDisk.osType), power = tostring(properties.extended.instanceView.powerState.code), networkInterfaces = properties.networkProfile.networkInterfaces
| order by id asc`

export const INTERFACES_QUERY = `resources
| where type =~ 'microsoft.network/networkinterfaces'
| project id, machine = tostring(properties.virtualMachine.id), group = tostring(properties.networkSecurityGroup.id), ipConfigurations = properties.ipConfigurations
| order by id asc`

export const SUBNETS_QUERY = `resources
| where type =~ 'microsoft.network/virtualnetworks'
| mv-expand subnet = properties.subnets limit 2000
| project id = tostring(subnet.id), network = id, prefixes = iff(isnull(subnet.properties.addressPrefixes), pack_array(subnet.properties.addressPrefix), subnet.properties.addressPrefixes), group = tostring(subnet.properties.networkSecurityGroup.id), routeTable = tostring(subnet.properties.routeTable.id)
| order by id asc`

export const GROUPS_QUERY = `resources
| where type =~ 'microsoft.network/networksecuritygroups'
| project id, location, flushConnection = tobool(properties.flushConnection), rules = properties.securityRules
| order by id asc`

export const ADDRESSES_QUERY = `resources
| where type =~ 'microsoft.network/publicipaddresses'
| project id, address = tostring(properties.ipAddress)
| order by id asc`

export const FIREWALLS_QUERY = `resources
| where type =~ 'microsoft.network/azurefirewalls'
| project id, location, tier = tostring(properties.sku.tier), kind = tostring(properties.sku.name), policy = tostring(properties.firewallPolicy.id), hub = tostring(properties.virtualHub.id), ipConfigurations = properties.ipConfigurations, natRules = properties.natRuleCollections, networkRules = properties.networkRuleCollections
| order by id asc`
