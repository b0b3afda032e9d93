/** The pages of EC2. */

import { lineOf, routesOf } from '../resource/collection.tsx';
import type { NavigationLine, ServicePages } from '../shell/services.ts';
import { capacityReservations, hosts, placementGroups } from './capacity.tsx';
import { dhcpOptions } from './dhcp-options.tsx';
import { flowLogs, peerings, vpcEndpoints } from './connections.tsx';
import { addresses, egressOnlyGateways, internetGateways, natGateways } from './gateways.tsx';
import { images } from './images.tsx';
import { Instance } from './instance.tsx';
import { Instances } from './instances.tsx';
import { ImportKeyPair, KeyPairs, CreateKeyPair } from './key-pairs.tsx';
import { LaunchInstances } from './launch.tsx';
import { NewTemplateVersion } from './launch-template-form.tsx';
import { launchTemplates } from './launch-templates.tsx';
import { messages } from './messages.ts';
import { MapPage } from './map-page.tsx';
import { messages as capacity } from './messages-capacity.ts';
import { messages as map } from './messages-map.ts';
import { messages as network } from './messages-network.ts';
import { messages as storage } from './messages-storage.ts';
import { networkAcls, networkInterfaces } from './network-acls.tsx';
import { ReservedOfferings, reservedInstances } from './reserved.tsx';
import { RouteTable } from './route-table.tsx';
import { CreateRouteTable, RouteTables } from './route-tables.tsx';
import { CreateSecurityGroup, SecurityGroups } from './security-groups.tsx';
import { SecurityGroup } from './security-group.tsx';
import { Snapshot } from './snapshot.tsx';
import { Snapshots } from './snapshots.tsx';
import { SpotPrices, spotRequests } from './spot.tsx';
import { Subnet } from './subnet.tsx';
import { CreateSubnet, Subnets } from './subnets.tsx';
import { CreateVolume } from './volume-form.tsx';
import { Volume } from './volume.tsx';
import { Volumes } from './volumes.tsx';
import { Vpc } from './vpc.tsx';
import { CreateVpc, Vpcs } from './vpcs.tsx';

const { en, ko } = messages;

const under = (heading: NavigationLine['heading'], [first, ...rest]: readonly NavigationLine[]): NavigationLine[] => [
  { ...first!, ...(heading && { heading }) },
  ...rest,
];

export const pages: ServicePages = {
  navigation: [
    ...under({ en: en.instances, ko: ko.instances }, [
      { path: 'instances', text: { en: en.instances, ko: ko.instances } },
      { path: 'key-pairs', text: { en: en.keyPairs, ko: ko.keyPairs } },
      lineOf(images),
      lineOf(launchTemplates),
      lineOf(spotRequests),
      { path: 'spot-prices', text: { en: capacity.en.spotPrices, ko: capacity.ko.spotPrices } },
      lineOf(reservedInstances),
      { path: 'reserved-offerings', text: { en: capacity.en.offerings, ko: capacity.ko.offerings } },
      lineOf(capacityReservations),
      lineOf(hosts),
      lineOf(placementGroups),
    ]),
    ...under({ en: storage.en.volumes, ko: storage.ko.volumes }, [
      { path: 'volumes', text: { en: storage.en.volumes, ko: storage.ko.volumes } },
      { path: 'snapshots', text: { en: storage.en.snapshots, ko: storage.ko.snapshots } },
    ]),
    ...under({ en: network.en.vpcs, ko: network.ko.vpcs }, [
      { path: 'vpcs', text: { en: network.en.vpcs, ko: network.ko.vpcs } },
      { path: 'map', text: { en: map.en.map, ko: map.ko.map } },
      { path: 'subnets', text: { en: network.en.subnets, ko: network.ko.subnets } },
      { path: 'route-tables', text: { en: network.en.routeTables, ko: network.ko.routeTables } },
      { path: 'security-groups', text: { en: en.securityGroups, ko: ko.securityGroups } },
      lineOf(networkAcls),
      lineOf(networkInterfaces),
      lineOf(addresses),
      lineOf(internetGateways),
      lineOf(egressOnlyGateways),
      lineOf(dhcpOptions),
      lineOf(natGateways),
      lineOf(vpcEndpoints),
      lineOf(peerings),
      lineOf(flowLogs),
    ]),
  ],
  routes: [
    { path: 'instances', page: Instances },
    { path: 'launch', page: LaunchInstances, crumb: { en: en.launch, ko: ko.launch } },
    { path: 'instances/:id', page: Instance },
    { path: 'security-groups', page: SecurityGroups, crumb: { en: en.securityGroups, ko: ko.securityGroups } },
    { path: 'create-security-group', page: CreateSecurityGroup, crumb: { en: en.createGroup, ko: ko.createGroup } },
    { path: 'security-groups/:id', page: SecurityGroup },
    { path: 'key-pairs', page: KeyPairs, crumb: { en: en.keyPairs, ko: ko.keyPairs } },
    { path: 'create-key-pair', page: CreateKeyPair, crumb: { en: en.createKey, ko: ko.createKey } },
    { path: 'import-key-pair', page: ImportKeyPair, crumb: { en: en.importKey, ko: ko.importKey } },
    { path: 'volumes', page: Volumes, crumb: { en: storage.en.volumes, ko: storage.ko.volumes } },
    { path: 'create-volume', page: CreateVolume, crumb: { en: storage.en.createVolume, ko: storage.ko.createVolume } },
    { path: 'volumes/:id', page: Volume },
    { path: 'snapshots', page: Snapshots, crumb: { en: storage.en.snapshots, ko: storage.ko.snapshots } },
    { path: 'snapshots/:id', page: Snapshot },
    { path: 'vpcs', page: Vpcs, crumb: { en: network.en.vpcs, ko: network.ko.vpcs } },
    { path: 'create-vpc', page: CreateVpc, crumb: { en: network.en.createVpc, ko: network.ko.createVpc } },
    { path: 'vpcs/:id', page: Vpc },
    { path: 'map', page: MapPage, crumb: { en: map.en.map, ko: map.ko.map } },
    { path: 'subnets', page: Subnets, crumb: { en: network.en.subnets, ko: network.ko.subnets } },
    { path: 'create-subnet', page: CreateSubnet, crumb: { en: network.en.createSubnet, ko: network.ko.createSubnet } },
    { path: 'subnets/:id', page: Subnet },
    { path: 'route-tables', page: RouteTables, crumb: { en: network.en.routeTables, ko: network.ko.routeTables } },
    { path: 'create-route-table', page: CreateRouteTable, crumb: { en: network.en.createRouteTable, ko: network.ko.createRouteTable } },
    { path: 'route-tables/:id', page: RouteTable },
    ...routesOf(networkAcls),
    ...routesOf(networkInterfaces),
    ...routesOf(addresses),
    ...routesOf(internetGateways),
    ...routesOf(egressOnlyGateways),
    ...routesOf(dhcpOptions),
    ...routesOf(natGateways),
    ...routesOf(vpcEndpoints),
    ...routesOf(peerings),
    ...routesOf(flowLogs),
    ...routesOf(images),
    ...routesOf(launchTemplates),
    { path: 'launch-templates/:id/new-version', page: NewTemplateVersion },
    ...routesOf(spotRequests),
    { path: 'spot-prices', page: SpotPrices, crumb: { en: capacity.en.spotPrices, ko: capacity.ko.spotPrices } },
    ...routesOf(reservedInstances),
    { path: 'reserved-offerings', page: ReservedOfferings, crumb: { en: capacity.en.offerings, ko: capacity.ko.offerings } },
    ...routesOf(capacityReservations),
    ...routesOf(hosts),
    ...routesOf(placementGroups),
  ],
};
