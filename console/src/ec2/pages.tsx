/** The pages of EC2. */

import type { ServicePages } from '../shell/services.ts';
import { Instance } from './instance.tsx';
import { Instances } from './instances.tsx';
import { ImportKeyPair, KeyPairs, CreateKeyPair } from './key-pairs.tsx';
import { LaunchInstances } from './launch.tsx';
import { messages } from './messages.ts';
import { MapPage } from './map-page.tsx';
import { messages as map } from './messages-map.ts';
import { messages as network } from './messages-network.ts';
import { messages as storage } from './messages-storage.ts';
import { RouteTable } from './route-table.tsx';
import { CreateRouteTable, RouteTables } from './route-tables.tsx';
import { CreateSecurityGroup, SecurityGroups } from './security-groups.tsx';
import { SecurityGroup } from './security-group.tsx';
import { Snapshot } from './snapshot.tsx';
import { Snapshots } from './snapshots.tsx';
import { Subnet } from './subnet.tsx';
import { CreateSubnet, Subnets } from './subnets.tsx';
import { CreateVolume } from './volume-form.tsx';
import { Volume } from './volume.tsx';
import { Volumes } from './volumes.tsx';
import { Vpc } from './vpc.tsx';
import { CreateVpc, Vpcs } from './vpcs.tsx';

const { en, ko } = messages;

export const pages: ServicePages = {
  navigation: [
    { path: 'instances', text: { en: en.instances, ko: ko.instances } },
    { path: 'security-groups', text: { en: en.securityGroups, ko: ko.securityGroups } },
    { path: 'key-pairs', text: { en: en.keyPairs, ko: ko.keyPairs } },
    { path: 'volumes', text: { en: storage.en.volumes, ko: storage.ko.volumes } },
    { path: 'snapshots', text: { en: storage.en.snapshots, ko: storage.ko.snapshots } },
    { path: 'vpcs', text: { en: network.en.vpcs, ko: network.ko.vpcs } },
    { path: 'map', text: { en: map.en.map, ko: map.ko.map } },
    { path: 'subnets', text: { en: network.en.subnets, ko: network.ko.subnets } },
    { path: 'route-tables', text: { en: network.en.routeTables, ko: network.ko.routeTables } },
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
  ],
};
