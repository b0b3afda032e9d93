/**
 * Facts of AWS's instance types: https://docs.aws.amazon.com/ec2/latest/instancetypes/; prices are in framework/billing. What a
 * family has alike is said once.
 */

/** Size, vCPUs, memory in MiB, network performance in words. */
type SizeRow = readonly [size: string, vcpus: number, mebibytes: number, network: string];

/** What a family whose CPU is paid with credits earns and keeps: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html */
export type Burstable = {
  /** Credits an hour, by size. A credit is one vCPU for a minute, so a sixtieth of it is the baseline, in vCPUs. */
  creditsPerHour: Readonly<Record<string, number>>;
  /** Where nothing else is said. */
  credits: 'standard' | 'unlimited';
  /** What a standard instance gets at each start, for each vCPU. */
  launchCreditsPerVcpu: number;
  /** How long credits outlive a stop. */
  keptMilliseconds: number;
};

export type Family = {
  name: string;
  architectures: readonly ('x86_64' | 'arm64' | 'i386')[];
  manufacturer: 'Intel' | 'AMD' | 'AWS';
  gigahertz: number;
  hypervisor: 'nitro' | 'xen';
  burstable?: Burstable;
  previousGeneration?: boolean;
  /** GB of local NVMe or SSD disks by size. */
  stores?: Readonly<Record<string, { count: number; gigabytes: number; kind: 'ssd' | 'hdd' }>>;
  gpu?: { name: string; manufacturer: string; mebibytes: number; counts: Readonly<Record<string, number>> };
  /** One vCPU is a whole core. */
  wholeCores?: boolean;
  sizes: readonly SizeRow[];
};

const up10 = 'Up to 10 Gigabit';
const up12 = 'Up to 12.5 Gigabit';
const up5 = 'Up to 5 Gigabit';

/** Sizes from large on, each with twice the vCPUs of the one before, for so many MiB a vCPU. */
function doubled(mebibytesPerVcpu: number, networks: Readonly<Record<string, string>>, small = up12): SizeRow[] {
  const vcpus: Readonly<Record<string, number>> = {
    ...{ large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32, '9xlarge': 36, '12xlarge': 48, '16xlarge': 64, '18xlarge': 72 },
    ...{ '24xlarge': 96, '32xlarge': 128, '48xlarge': 192 },
  };
  return Object.entries(networks).map(([size, network]) => [size, vcpus[size]!, vcpus[size]! * mebibytesPerVcpu, network || small]);
}

const fifth = { large: up10, xlarge: up10, '2xlarge': up10, '4xlarge': up10, '8xlarge': '10 Gigabit', '12xlarge': '12 Gigabit' };
const fifthWhole = { ...fifth, '16xlarge': '20 Gigabit', '24xlarge': '25 Gigabit' };
const sixth = {
  ...{ large: up12, xlarge: up12, '2xlarge': up12, '4xlarge': up12, '8xlarge': '12.5 Gigabit', '12xlarge': '18.75 Gigabit' },
  ...{ '16xlarge': '25 Gigabit', '24xlarge': '37.5 Gigabit', '32xlarge': '50 Gigabit' },
};
const graviton = {
  ...{ large: up10, xlarge: up10, '2xlarge': up10, '4xlarge': up10, '8xlarge': '12 Gigabit', '12xlarge': '20 Gigabit' },
  '16xlarge': '25 Gigabit',
};

const intel = { architectures: ['x86_64'], manufacturer: 'Intel', hypervisor: 'nitro' } as const;
const amd = { architectures: ['x86_64'], manufacturer: 'AMD', hypervisor: 'nitro' } as const;
const arm = { architectures: ['arm64'], manufacturer: 'AWS', hypervisor: 'nitro', wholeCores: true, gigahertz: 2.5 } as const;

const burstSizes: readonly SizeRow[] = [
  ...([
    ['nano', 2, 512, up5],
    ['micro', 2, 1024, up5],
    ['small', 2, 2048, up5],
    ['medium', 2, 4096, up5],
  ] as const),
  ...([
    ['large', 2, 8192, up5],
    ['xlarge', 4, 16_384, up5],
    ['2xlarge', 8, 32_768, up5],
  ] as const),
];

const week = 7 * 24 * 3_600_000;
const secondBurst: Burstable = {
  creditsPerHour: { nano: 3, micro: 6, small: 12, medium: 24, large: 36, xlarge: 54, '2xlarge': 81.6 },
  ...{ credits: 'standard', launchCreditsPerVcpu: 30, keptMilliseconds: 0 },
};
const thirdBurst: Burstable = {
  creditsPerHour: { nano: 6, micro: 12, small: 24, medium: 24, large: 36, xlarge: 96, '2xlarge': 192 },
  ...{ credits: 'unlimited', launchCreditsPerVcpu: 0, keptMilliseconds: week },
};

export const families: readonly Family[] = [
  {
    ...{ name: 't2', architectures: ['x86_64', 'i386'], manufacturer: 'Intel', hypervisor: 'xen', gigahertz: 2.5 },
    burstable: secondBurst,
    sizes: [
      ...([
        ['nano', 1, 512, 'Low to Moderate'],
        ['micro', 1, 1024, 'Low to Moderate'],
        ['small', 1, 2048, 'Low to Moderate'],
      ] as const),
      ...([
        ['medium', 2, 4096, 'Low to Moderate'],
        ['large', 2, 8192, 'Low to Moderate'],
        ['xlarge', 4, 16_384, 'Moderate'],
      ] as const),
      ['2xlarge', 8, 32_768, 'Moderate'],
    ],
  },
  { ...intel, name: 't3', gigahertz: 2.5, burstable: thirdBurst, sizes: burstSizes },
  { ...amd, name: 't3a', gigahertz: 2.2, burstable: thirdBurst, sizes: burstSizes },
  { ...arm, name: 't4g', burstable: thirdBurst, sizes: burstSizes },
  {
    ...{ name: 'm4', architectures: ['x86_64'], manufacturer: 'Intel', hypervisor: 'xen', gigahertz: 2.4 },
    previousGeneration: true,
    sizes: doubled(4096, { large: 'Moderate', xlarge: 'High', '2xlarge': 'High', '4xlarge': 'High', '16xlarge': '25 Gigabit' }),
  },
  { ...intel, name: 'm5', gigahertz: 3.1, sizes: doubled(4096, fifthWhole) },
  { ...amd, name: 'm5a', gigahertz: 2.5, sizes: doubled(4096, fifthWhole) },
  { ...intel, name: 'm6i', gigahertz: 3.5, sizes: doubled(4096, sixth) },
  { ...amd, name: 'm6a', gigahertz: 3.6, sizes: doubled(4096, sixth) },
  {
    ...arm,
    name: 'm6g',
    sizes: [['medium', 1, 4096, up10], ...doubled(4096, graviton)],
  },
  {
    ...arm,
    name: 'm7g',
    sizes: [['medium', 1, 4096, up12], ...doubled(4096, graviton)],
  },
  { ...intel, name: 'm7i', gigahertz: 3.2, sizes: doubled(4096, { ...sixth, '48xlarge': '50 Gigabit' }) },
  {
    ...intel,
    ...{ name: 'c5', gigahertz: 3.4 },
    sizes: doubled(2048, {
      ...{ large: up10, xlarge: up10, '2xlarge': up10, '4xlarge': up10, '9xlarge': '10 Gigabit' },
      ...{ '12xlarge': '12 Gigabit', '18xlarge': '25 Gigabit', '24xlarge': '25 Gigabit' },
    }),
  },
  { ...intel, name: 'c6i', gigahertz: 3.5, sizes: doubled(2048, sixth) },
  {
    ...arm,
    name: 'c6g',
    sizes: [['medium', 1, 2048, up10], ...doubled(2048, graviton)],
  },
  {
    ...arm,
    name: 'c7g',
    sizes: [['medium', 1, 2048, up12], ...doubled(2048, graviton)],
  },
  { ...intel, name: 'c7i', gigahertz: 3.2, sizes: doubled(2048, { ...sixth, '48xlarge': '50 Gigabit' }) },
  { ...intel, name: 'r5', gigahertz: 3.1, sizes: doubled(8192, fifthWhole) },
  { ...intel, name: 'r6i', gigahertz: 3.5, sizes: doubled(8192, sixth) },
  {
    ...arm,
    name: 'r6g',
    sizes: [['medium', 1, 8192, up10], ...doubled(8192, graviton)],
  },
  {
    ...arm,
    name: 'r7g',
    sizes: [['medium', 1, 8192, up12], ...doubled(8192, graviton)],
  },
  {
    ...{ name: 'i3', architectures: ['x86_64'], manufacturer: 'Intel', hypervisor: 'xen', gigahertz: 2.3 },
    stores: {
      large: { count: 1, gigabytes: 475, kind: 'ssd' },
      xlarge: { count: 1, gigabytes: 950, kind: 'ssd' },
      '2xlarge': { count: 1, gigabytes: 1900, kind: 'ssd' },
      '4xlarge': { count: 2, gigabytes: 1900, kind: 'ssd' },
      '8xlarge': { count: 4, gigabytes: 1900, kind: 'ssd' },
      '16xlarge': { count: 8, gigabytes: 1900, kind: 'ssd' },
    },
    sizes: [
      ...([
        ['large', 2, 15_616, up10],
        ['xlarge', 4, 31_232, up10],
        ['2xlarge', 8, 62_464, up10],
        ['4xlarge', 16, 124_928, up10],
      ] as const),
      ...([
        ['8xlarge', 32, 249_856, '10 Gigabit'],
        ['16xlarge', 64, 499_712, '25 Gigabit'],
      ] as const),
    ],
  },
  {
    ...intel,
    ...{ name: 'd3', gigahertz: 3.1 },
    stores: {
      xlarge: { count: 3, gigabytes: 1980, kind: 'hdd' },
      '2xlarge': { count: 6, gigabytes: 1980, kind: 'hdd' },
      '4xlarge': { count: 12, gigabytes: 1980, kind: 'hdd' },
      '8xlarge': { count: 24, gigabytes: 1980, kind: 'hdd' },
    },
    sizes: doubled(8192, {
      xlarge: 'Up to 15 Gigabit',
      '2xlarge': 'Up to 15 Gigabit',
      '4xlarge': 'Up to 15 Gigabit',
      '8xlarge': '25 Gigabit',
    }),
  },
  {
    ...{ name: 'p3', architectures: ['x86_64'], manufacturer: 'Intel', hypervisor: 'xen', gigahertz: 2.7 },
    gpu: { name: 'V100', manufacturer: 'NVIDIA', mebibytes: 16_384, counts: { '2xlarge': 1, '8xlarge': 4, '16xlarge': 8 } },
    sizes: [
      ['2xlarge', 8, 62_464, up10],
      ['8xlarge', 32, 249_856, '10 Gigabit'],
      ['16xlarge', 64, 499_712, '25 Gigabit'],
    ],
  },
  {
    ...intel,
    ...{ name: 'g4dn', gigahertz: 2.5 },
    gpu: { name: 'T4', manufacturer: 'NVIDIA', mebibytes: 16_384, counts: { xlarge: 1, '2xlarge': 1, '4xlarge': 1, '8xlarge': 1 } },
    stores: {
      xlarge: { count: 1, gigabytes: 125, kind: 'ssd' },
      '2xlarge': { count: 1, gigabytes: 225, kind: 'ssd' },
      '4xlarge': { count: 1, gigabytes: 225, kind: 'ssd' },
      '8xlarge': { count: 1, gigabytes: 900, kind: 'ssd' },
    },
    sizes: doubled(4096, {
      xlarge: 'Up to 25 Gigabit',
      '2xlarge': 'Up to 25 Gigabit',
      '4xlarge': 'Up to 25 Gigabit',
      '8xlarge': '50 Gigabit',
    }),
  },
  {
    ...{ name: 'x1', architectures: ['x86_64'], manufacturer: 'Intel', hypervisor: 'xen', gigahertz: 2.3 },
    stores: { '16xlarge': { count: 1, gigabytes: 1920, kind: 'ssd' }, '32xlarge': { count: 2, gigabytes: 1920, kind: 'ssd' } },
    sizes: [
      ['16xlarge', 64, 999_424, '10 Gigabit'],
      ['32xlarge', 128, 1_998_848, '25 Gigabit'],
    ],
  },
];
