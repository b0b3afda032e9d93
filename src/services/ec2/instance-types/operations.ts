/** Instance types and where they are offered. */

import type { Input, Operation } from '../sdk.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { invalidParameterValue } from '../errors.ts';
import { zonesOf } from '../../../framework/regions.ts';
import { describedType, instanceTypes, interfaceLimits, type InstanceType } from './instance-type.ts';

const perPageMax = 100;

/** A page of a list in memory. The token is the position, written so that it is only passed on. */
function pageOfList<Item>(items: readonly Item[], input: { MaxResults?: number | undefined; NextToken?: string | undefined }, max: number) {
  const start = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64url').toString());
  if (!Number.isSafeInteger(start) || start < 0) throw invalidParameterValue('Unable to parse pagination token');
  const end = start + Math.min(input.MaxResults ?? max, max);
  return { page: items.slice(start, end), ...(end < items.length && { NextToken: Buffer.from(String(end)).toString('base64url') }) };
}

const threads = (type: InstanceType): number => (type.family.wholeCores || type.vcpus === 1 ? 1 : 2);
const storeOf = (type: InstanceType) => type.family.stores?.[type.size];

function storage(type: InstanceType) {
  const store = storeOf(type);
  if (!store) return {};
  return {
    InstanceStorageInfo: {
      TotalSizeInGB: store.count * store.gigabytes,
      Disks: [{ SizeInGB: store.gigabytes, Count: store.count, Type: store.kind }],
      NvmeSupport: store.kind === 'ssd' ? ('required' as const) : ('unsupported' as const),
      EncryptionSupport: 'required' as const,
    },
  };
}

function gpus(type: InstanceType) {
  const { gpu } = type.family;
  const count = gpu?.counts[type.size];
  if (!gpu || count === undefined) return {};
  const one = { Name: gpu.name, Manufacturer: gpu.manufacturer, Count: count, MemoryInfo: { SizeInMiB: gpu.mebibytes } };
  return { GpuInfo: { Gpus: [one], TotalGpuMemoryInMiB: gpu.mebibytes * count } };
}

function network(type: InstanceType) {
  const { interfacesMax, addressesMax } = interfaceLimits(type);
  const nitro = type.family.hypervisor === 'nitro';
  return {
    NetworkPerformance: type.network,
    MaximumNetworkInterfaces: interfacesMax,
    MaximumNetworkCards: 1,
    DefaultNetworkCardIndex: 0,
    NetworkCards: [{ NetworkCardIndex: 0, NetworkPerformance: type.network, MaximumNetworkInterfaces: interfacesMax }],
    Ipv4AddressesPerInterface: addressesMax,
    Ipv6AddressesPerInterface: addressesMax,
    Ipv6Supported: true,
    EnaSupport: nitro ? ('required' as const) : type.family.burstable ? ('unsupported' as const) : ('supported' as const),
    EfaSupported: false,
    EncryptionInTransitSupported: false,
  };
}

function typeInfo(type: InstanceType) {
  const { family, vcpus, mebibytes } = type;
  const perCore = threads(type);
  const cores = vcpus / perCore;
  const nitro = family.hypervisor === 'nitro';
  return {
    InstanceType: type.name as never,
    CurrentGeneration: !family.previousGeneration,
    FreeTierEligible: ['t2.micro', 't3.micro'].includes(type.name),
    SupportedUsageClasses: ['on-demand' as const, 'spot' as const],
    SupportedRootDeviceTypes: ['ebs' as const],
    SupportedVirtualizationTypes: ['hvm' as const],
    BareMetal: false,
    Hypervisor: family.hypervisor,
    ProcessorInfo: {
      SupportedArchitectures: [...family.architectures],
      SustainedClockSpeedInGhz: family.gigahertz,
      Manufacturer: family.manufacturer,
    },
    VCpuInfo: { DefaultVCpus: vcpus, DefaultCores: cores, DefaultThreadsPerCore: perCore },
    MemoryInfo: { SizeInMiB: mebibytes },
    InstanceStorageSupported: storeOf(type) !== undefined,
    ...storage(type),
    EbsInfo: {
      EbsOptimizedSupport: nitro ? ('default' as const) : ('unsupported' as const),
      EncryptionSupport: 'supported' as const,
      NvmeSupport: nitro ? ('required' as const) : ('unsupported' as const),
    },
    NetworkInfo: network(type),
    ...gpus(type),
    PlacementGroupInfo: {
      SupportedStrategies: family.burstable
        ? (['partition', 'spread'] as const).slice()
        : (['cluster', 'partition', 'spread'] as const).slice(),
    },
    HibernationSupported: false,
    BurstablePerformanceSupported: family.burstable !== undefined,
    DedicatedHostsSupported: !(family.burstable && family.name === 't4g'),
    AutoRecoverySupported: true,
    SupportedBootModes: family.wholeCores ? ['uefi' as const] : ['legacy-bios' as const, 'uefi' as const],
  };
}

const typeFilters: Filters<InstanceType> = {
  'instance-type': (type) => type.name,
  'current-generation': (type) => !type.family.previousGeneration,
  'bare-metal': () => false,
  'burstable-performance-supported': (type) => type.family.burstable !== undefined,
  'free-tier-eligible': (type) => ['t2.micro', 't3.micro'].includes(type.name),
  hypervisor: (type) => type.family.hypervisor,
  'instance-storage-supported': (type) => storeOf(type) !== undefined,
  'memory-info.size-in-mib': (type) => type.mebibytes,
  'network-info.network-performance': (type) => type.network,
  'network-info.maximum-network-interfaces': (type) => interfaceLimits(type).interfacesMax,
  'processor-info.supported-architecture': (type) => type.architectures,
  'processor-info.sustained-clock-speed-in-ghz': (type) => type.family.gigahertz,
  'supported-root-device-type': () => 'ebs',
  'supported-usage-class': () => ['on-demand', 'spot'],
  'supported-virtualization-type': () => 'hvm',
  'vcpu-info.default-vcpus': (type) => type.vcpus,
  'vcpu-info.default-cores': (type) => type.vcpus / threads(type),
  'vcpu-info.default-threads-per-core': threads,
};

export const DescribeInstanceTypes: Operation<'DescribeInstanceTypes'> = async (_request, input) => {
  const fits = compileFilters<InstanceType & { tags?: never[] }>(input.Filters, typeFilters);
  const named = input.InstanceTypes?.map(describedType) ?? [...instanceTypes.values()];
  const { page, ...next } = pageOfList(named.filter(fits), input, perPageMax);
  return { InstanceTypes: page.map(typeInfo), ...next };
};

type Offering = { type: InstanceType; location: string };
const offeringFilters: Filters<Offering> = {
  'instance-type': ({ type }) => type.name,
  location: ({ location }) => location,
};

export const DescribeInstanceTypeOfferings: Operation<'DescribeInstanceTypeOfferings'> = async (request, input) => {
  const kind = input.LocationType ?? 'region';
  const fits = compileFilters<Offering & { tags?: never[] }>(input.Filters, offeringFilters);
  const offerings = locations(request.region, kind).flatMap((location) => [...instanceTypes.values()].map((type) => ({ type, location })));
  const { page, ...next } = pageOfList(offerings.filter(fits), input, 1000);
  const shown = page.map(({ type, location }) => ({ InstanceType: type.name as never, LocationType: kind, Location: location }));
  return { InstanceTypeOfferings: shown, ...next };
};

function locations(region: string, kind: NonNullable<Input<'DescribeInstanceTypeOfferings'>['LocationType']>): string[] {
  if (kind === 'region') return [region];
  if (kind === 'availability-zone') return zonesOf(region).map((zone) => zone.name);
  if (kind === 'availability-zone-id') return zonesOf(region).map((zone) => zone.id);
  throw invalidParameterValue(`The location type '${kind}' is not valid`);
}
