/** Capacity that is paid for ahead or held for oneself: reserved instances, capacity reservations, dedicated hosts, placement groups. */

import {
  AllocateHostsCommand,
  CancelCapacityReservationCommand,
  CreateCapacityReservationCommand,
  CreatePlacementGroupCommand,
  DeletePlacementGroupCommand,
  DescribeCapacityReservationsCommand,
  DescribeHostsCommand,
  DescribePlacementGroupsCommand,
  ReleaseHostsCommand,
  type AllocateHostsCommandOutput,
  type CapacityReservation,
  type CreateCapacityReservationCommandOutput,
  type Host,
  type PlacementGroup,
  type PlacementStrategy,
} from '@aws-sdk/client-ec2';
import { read } from '../resource/fields.ts';
import { timeText } from '../resource/format.ts';
import { ec2, nameOf, tagged, terraformTags } from './client.ts';
import { ec2Collection, only, typeChoices, zoneChoices } from './ec2-collection.tsx';
import { messages } from './messages-capacity.ts';

type Keys = keyof (typeof messages)['en'];

export const capacityReservations = ec2Collection<CapacityReservation, Keys>({
  path: 'capacity-reservations',
  messages,
  ...{ title: 'reservations', emptyTitle: 'reservationsEmpty', emptyText: 'reservationsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeCapacityReservationsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.CapacityReservations ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeCapacityReservationsCommand({ CapacityReservationIds: [id] }))
        .then(({ CapacityReservations }) => CapacityReservations),
    ),
  idOf: ({ CapacityReservationId }) => CapacityReservationId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ CapacityReservationId }) => CapacityReservationId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'state', header: t.state, width: 120, cell: ({ State }) => State ?? '' },
    { id: 'type', header: t.type, cell: ({ InstanceType }) => InstanceType ?? '' },
    { id: 'zone', header: t.zone, cell: ({ AvailabilityZone }) => AvailabilityZone ?? '' },
    { id: 'free', header: t.free, cell: ({ AvailableInstanceCount: free, TotalInstanceCount: all }) => `${free} / ${all}` },
    { id: 'match', header: t.match, cell: ({ InstanceMatchCriteria }) => InstanceMatchCriteria ?? '' },
    { id: 'end', header: t.until, cell: ({ EndDate }) => timeText(EndDate) },
  ],
  create: {
    ...{ text: 'reserve', hint: 'reserveText' },
    fields: async (t) => {
      const [types, zones] = await Promise.all([typeChoices(), zoneChoices()]);
      return [
        { name: 'name', kind: 'text', label: t.name },
        { name: 'type', kind: 'select', label: t.type, required: true, initial: 't3.micro', options: types },
        { name: 'zone', kind: 'select', label: t.zone, required: true, options: zones },
        { name: 'count', kind: 'number', label: t.count, required: true, initial: '1', min: 1, max: 1_000 },
        {
          ...{ name: 'match', kind: 'tiles', label: t.match, required: true, initial: 'open' },
          options: [
            { value: 'open', description: t.openText },
            { value: 'targeted', description: t.targetedText },
          ],
        },
      ];
    },
    actionsOf: (values) => {
      const [name, type, zone] = [read.text(values, 'name'), read.text(values, 'type'), read.text(values, 'zone')];
      const [count, match] = [read.number(values, 'count') ?? 1, read.text(values, 'match') as 'open' | 'targeted'];
      const command = new CreateCapacityReservationCommand({
        ...{ InstanceType: type, AvailabilityZone: zone, InstancePlatform: 'Linux/UNIX', InstanceCount: count },
        ...{ InstanceMatchCriteria: match, ...tagged('capacity-reservation', name) },
      });
      const body = {
        ...{ instance_type: type, availability_zone: zone, instance_platform: 'Linux/UNIX', instance_count: count },
        ...{ instance_match_criteria: match, tags: terraformTags(name) },
      };
      return [
        {
          ...{ service: 'ec2', operation: 'CreateCapacityReservation', command },
          terraform: [{ type: 'aws_ec2_capacity_reservation', name: name ?? 'this', body }],
        },
      ];
    },
    made: ([output]) => (output as CreateCapacityReservationCommandOutput).CapacityReservation?.CapacityReservationId,
  },
  deeds: [
    {
      ...{ id: 'cancel', text: 'cancelReservation', hint: 'cancelReservationText' },
      when: ({ State }) => State === 'active',
      actionsOf: ({ CapacityReservationId }) => [
        {
          ...{ service: 'ec2', operation: 'CancelCapacityReservation' },
          command: new CancelCapacityReservationCommand({ CapacityReservationId }),
        },
      ],
    },
  ],
});

export const hosts = ec2Collection<Host, Keys>({
  path: 'dedicated-hosts',
  messages,
  ...{ title: 'hosts', emptyTitle: 'hostsEmpty', emptyText: 'hostsEmptyText' },
  load: async (NextToken) => {
    const page = await ec2().send(new DescribeHostsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }));
    return { items: page.Hosts ?? [], next: page.NextToken };
  },
  find: (id) =>
    only(
      ec2()
        .send(new DescribeHostsCommand({ HostIds: [id] }))
        .then(({ Hosts }) => Hosts),
    ),
  idOf: ({ HostId }) => HostId!,
  columns: (t) => [
    { id: 'id', header: t.id, cell: ({ HostId }) => HostId! },
    { id: 'name', header: t.name, cell: nameOf },
    { id: 'state', header: t.state, width: 120, cell: ({ State }) => State ?? '' },
    { id: 'kind', header: t.type, cell: ({ HostProperties: of }) => of?.InstanceType ?? of?.InstanceFamily ?? '' },
    { id: 'zone', header: t.zone, cell: ({ AvailabilityZone }) => AvailabilityZone ?? '' },
    {
      id: 'free',
      header: t.freeCpus,
      cell: ({ AvailableCapacity: free, HostProperties: of }) => `${free?.AvailableVCpus} / ${of?.TotalVCpus}`,
    },
    { id: 'instances', header: t.instances, cell: ({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId).join(', ') },
  ],
  create: {
    ...{ text: 'allocateHost', hint: 'allocateHostText' },
    fields: async (t) => {
      const [types, zones] = await Promise.all([typeChoices(), zoneChoices()]);
      return [
        { name: 'name', kind: 'text', label: t.name },
        { name: 'type', kind: 'select', label: t.type, required: true, initial: 'm5.large', options: types },
        { name: 'zone', kind: 'select', label: t.zone, required: true, options: zones },
        { name: 'auto', kind: 'toggle', label: t.autoPlacement, description: t.autoPlacementText },
      ];
    },
    actionsOf: (values) => {
      const [name, InstanceType, zone] = [read.text(values, 'name'), read.text(values, 'type'), read.text(values, 'zone')];
      const auto = read.flag(values, 'auto') ? ('on' as const) : ('off' as const);
      const body = { instance_type: InstanceType, availability_zone: zone, auto_placement: auto, tags: terraformTags(name) };
      const command = new AllocateHostsCommand({
        ...{ Quantity: 1, InstanceType, AvailabilityZone: zone, AutoPlacement: auto, ...tagged('dedicated-host', name) },
      });
      return [{ service: 'ec2', operation: 'AllocateHosts', command, terraform: [{ type: 'aws_ec2_host', name: name ?? 'this', body }] }];
    },
    made: ([output]) => (output as AllocateHostsCommandOutput).HostIds?.[0],
  },
  deeds: [
    {
      ...{ id: 'release', text: 'releaseHost', hint: 'releaseHostText' },
      when: ({ State, Instances = [] }) => State === 'available' && Instances.length === 0,
      actionsOf: ({ HostId }) => [{ service: 'ec2', operation: 'ReleaseHosts', command: new ReleaseHostsCommand({ HostIds: [HostId!] }) }],
    },
  ],
});

export const placementGroups = ec2Collection<PlacementGroup, Keys>({
  path: 'placement-groups',
  messages,
  ...{ title: 'placement', emptyTitle: 'placementEmpty', emptyText: 'placementEmptyText' },
  load: async () => ({ items: (await ec2().send(new DescribePlacementGroupsCommand({}))).PlacementGroups ?? [] }),
  find: (id) =>
    only(
      ec2()
        .send(new DescribePlacementGroupsCommand({ GroupIds: [id] }))
        .then(({ PlacementGroups }) => PlacementGroups),
    ),
  idOf: ({ GroupId }) => GroupId!,
  columns: (t) => [
    { id: 'name', header: t.name, cell: ({ GroupName }) => GroupName! },
    { id: 'id', header: t.id, cell: ({ GroupId }) => GroupId! },
    { id: 'state', header: t.state, width: 120, cell: ({ State }) => State ?? '' },
    { id: 'strategy', header: t.strategy, cell: ({ Strategy }) => Strategy ?? '' },
    { id: 'partitions', header: t.partitions, cell: ({ PartitionCount }) => PartitionCount ?? '' },
  ],
  create: {
    ...{ text: 'createPlacement', hint: 'placementEmptyText' },
    fields: (t) => [
      { name: 'name', kind: 'text', label: t.name, required: true },
      {
        ...{ name: 'strategy', kind: 'tiles', label: t.strategy, required: true, initial: 'cluster' },
        options: [
          { value: 'cluster', description: t.clusterText },
          { value: 'spread', description: t.spreadText },
          { value: 'partition', description: t.partitionText },
        ],
      },
      {
        ...{ name: 'partitions', kind: 'number', label: t.partitions, required: true, initial: '2', min: 1, max: 7 },
        visible: (values) => values['strategy'] === 'partition',
      },
    ],
    actionsOf: (values) => {
      const [GroupName, Strategy] = [read.text(values, 'name'), read.text(values, 'strategy') as PlacementStrategy];
      const PartitionCount = Strategy === 'partition' ? read.number(values, 'partitions') : undefined;
      const body = { name: GroupName, strategy: Strategy, partition_count: PartitionCount };
      return [
        {
          ...{ service: 'ec2', operation: 'CreatePlacementGroup' },
          command: new CreatePlacementGroupCommand({ GroupName, Strategy, PartitionCount }),
          terraform: [{ type: 'aws_placement_group', name: GroupName ?? 'this', body }],
        },
      ];
    },
  },
  remove: {
    actionOf: ({ GroupName }) => ({
      ...{ service: 'ec2', operation: 'DeletePlacementGroup' },
      command: new DeletePlacementGroupCommand({ GroupName }),
    }),
    warning: 'placementWarning',
  },
});
