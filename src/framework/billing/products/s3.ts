/** S3: https://aws.amazon.com/s3/pricing/ (general purpose buckets). */

import { flat, flatIn, forOne, terabytes, type Price, type Product, type Tier } from '../price.ts';

/** Dollars of the first 50 TB, the next 450 TB, and what is beyond. */
const stored = (first: string, next: string, beyond: string): readonly Tier[] => [[first, terabytes(50)], [next, terabytes(500)], [beyond]];

const standard = stored('0.023', '0.022', '0.021');
const asiaStandard = stored('0.025', '0.024', '0.023');
const standardElsewhere = {
  'us-west-1': stored('0.026', '0.025', '0.024'),
  'ca-central-1': asiaStandard,
  'eu-west-2': stored('0.024', '0.023', '0.022'),
  'eu-west-3': stored('0.024', '0.023', '0.022'),
  'eu-central-1': stored('0.0245', '0.0235', '0.0225'),
  'ap-northeast-1': asiaStandard,
  'ap-northeast-2': asiaStandard,
  'ap-northeast-3': asiaStandard,
  'ap-southeast-1': asiaStandard,
  'ap-southeast-2': asiaStandard,
  'ap-south-1': asiaStandard,
  'sa-east-1': stored('0.0405', '0.039', '0.037'),
};

/** Storage of a class, and what is still to be paid of it when it goes too soon. */
function storageClass(name: string, billed: string, dollars: string, options: { storage?: string; early?: true } = {}): Price[] {
  const { storage = `TimedStorage-${billed}-ByteHrs`, early } = options;
  const tiers = flat(dollars);
  return [
    { usageType: storage, unit: 'GB-Mo', about: `storage in ${name}`, tiers, attributes: { storageClass: name } },
    ...(early ? [{ usageType: `EarlyDelete-${billed}`, unit: 'GB-Mo' as const, about: `early deletion from ${name}`, tiers }] : []),
  ];
}

/** Requests that write and that read objects of a class; dollars for a thousand. */
function requests(name: string, billed: string, writing: string, reading: string): Price[] {
  const all = [
    {
      usageType: `Requests-${billed}-Tier1`,
      unit: 'Requests',
      about: `PUT, COPY, POST or LIST requests to ${name}`,
      tiers: thousand(writing),
    },
    { usageType: `Requests-${billed}-Tier2`, unit: 'Requests', about: `GET and all other requests to ${name}`, tiers: thousand(reading) },
  ] as const satisfies Price[];
  return [...all];
}

/** Dollars for a thousand, as dollars for one. */
const thousand = (dollars: string): readonly Tier[] => flat(forOne(dollars, 3));

const inThousands = (dollars: Readonly<Record<string, string>>): Record<string, readonly Tier[]> =>
  Object.fromEntries(Object.entries(dollars).map(([region, each]) => [region, thousand(each)]));

const storagePrices: readonly Price[] = [
  {
    ...{ usageType: 'TimedStorage-ByteHrs', unit: 'GB-Mo', about: 'storage in Standard', tiers: standard, elsewhere: standardElsewhere },
    ...{ free: [{ units: 5, from: 'first-year' }], attributes: { storageClass: 'General Purpose', volumeType: 'Standard' } },
  },
  ...storageClass('Standard - Infrequent Access', 'SIA', '0.0125', { early: true }),
  ...storageClass('One Zone - Infrequent Access', 'ZIA', '0.01', { early: true }),
  ...storageClass('Glacier Instant Retrieval', 'GIR', '0.004', { early: true }),
  ...storageClass('Glacier Flexible Retrieval', 'Glacier', '0.0036', { early: true, storage: 'TimedStorage-GlacierByteHrs' }),
  ...storageClass('Glacier Deep Archive', 'GDA', '0.00099', { early: true }),
  ...storageClass('Reduced Redundancy', 'RRS', '0.024'),
  {
    ...{
      usageType: 'TimedStorage-INT-FA-ByteHrs',
      unit: 'GB-Mo',
      about: 'storage in Intelligent-Tiering, frequent access',
      tiers: standard,
    },
    elsewhere: standardElsewhere,
  },
  ...storageClass('Intelligent-Tiering, infrequent access', 'INT-IA', '0.0125'),
  ...storageClass('Intelligent-Tiering, archive instant access', 'INT-AIA', '0.004'),
  ...storageClass('Intelligent-Tiering, archive access', 'INT-AA', '0.0036'),
  ...storageClass('Intelligent-Tiering, deep archive access', 'INT-DAA', '0.00099'),
];

const writingElsewhere = {
  ...{ 'us-west-1': '0.0055', 'ca-central-1': '0.0055', 'eu-west-2': '0.0053', 'eu-west-3': '0.0053', 'eu-central-1': '0.0054' },
  ...{ 'ap-northeast-1': '0.0047', 'ap-northeast-2': '0.0045', 'ap-southeast-2': '0.0055', 'sa-east-1': '0.007' },
};
const readingElsewhere = {
  ...{ 'us-west-1': '0.00044', 'ca-central-1': '0.00044', 'eu-west-2': '0.00042', 'eu-west-3': '0.00042', 'eu-central-1': '0.00043' },
  ...{ 'ap-northeast-1': '0.00037', 'ap-northeast-2': '0.00035', 'ap-southeast-2': '0.00044', 'sa-east-1': '0.00056' },
};

const requestPrices: readonly Price[] = [
  {
    ...{ usageType: 'Requests-Tier1', unit: 'Requests', about: 'PUT, COPY, POST or LIST requests', tiers: thousand('0.005') },
    ...{ elsewhere: inThousands(writingElsewhere), free: [{ units: 2000, from: 'first-year' }] },
  },
  {
    ...{ usageType: 'Requests-Tier2', unit: 'Requests', about: 'GET and all other requests', tiers: thousand('0.0004') },
    ...{ elsewhere: inThousands(readingElsewhere), free: [{ units: 20_000, from: 'first-year' }] },
  },
  { usageType: 'Requests-Tier4', unit: 'Requests', about: 'lifecycle transitions to Intelligent-Tiering', tiers: thousand('0.01') },
  ...requests('Standard - Infrequent Access', 'SIA', '0.01', '0.001'),
  ...requests('One Zone - Infrequent Access', 'ZIA', '0.01', '0.001'),
  ...requests('Intelligent-Tiering', 'INT', '0.005', '0.0004'),
  ...requests('Glacier Instant Retrieval', 'GIR', '0.02', '0.01'),
  ...requests('Glacier Flexible Retrieval', 'Glacier', '0.03', '0.0004'),
  ...requests('Glacier Deep Archive', 'GDA', '0.05', '0.0004'),
  ...requests('Reduced Redundancy', 'RRS', '0.005', '0.0004'),
];

/** A restoration of archived objects: for a thousand requests, and for a GB. */
function restoring(name: string, billed: string, speed: string, request: string, gigabyte: string): Price[] {
  return [
    {
      usageType: `Requests-${billed}-Tier3-${speed}`,
      unit: 'Requests',
      about: `${speed} restore requests to ${name}`,
      tiers: thousand(request),
    },
    { usageType: `Retrieval-${billed}-${speed}-Bytes`, unit: 'GB', about: `${speed} retrieval from ${name}`, tiers: flat(gigabyte) },
  ];
}

const retrievalPrices: readonly Price[] = [
  { usageType: 'Retrieval-SIA', unit: 'GB', about: 'retrieval from Standard - Infrequent Access', tiers: flat('0.01') },
  { usageType: 'Retrieval-ZIA', unit: 'GB', about: 'retrieval from One Zone - Infrequent Access', tiers: flat('0.01') },
  { usageType: 'Retrieval-GIR', unit: 'GB', about: 'retrieval from Glacier Instant Retrieval', tiers: flat('0.03') },
  ...restoring('Glacier Flexible Retrieval', 'Glacier', 'Expedited', '10', '0.03'),
  ...restoring('Glacier Flexible Retrieval', 'Glacier', 'Standard', '0.05', '0.01'),
  ...restoring('Glacier Flexible Retrieval', 'Glacier', 'Bulk', '0', '0'),
  ...restoring('Glacier Deep Archive', 'GDA', 'Standard', '0.1', '0.02'),
  ...restoring('Glacier Deep Archive', 'GDA', 'Bulk', '0.025', '0.0025'),
  ...restoring('Intelligent-Tiering', 'INT', 'Expedited', '10', '0.03'),
  ...restoring('Intelligent-Tiering', 'INT', 'Standard', '0', '0'),
  ...restoring('Intelligent-Tiering', 'INT', 'Bulk', '0', '0'),
];

/** S3 Select of a class, for a GB that is scanned and one that is returned. */
function select(name: string, suffix: string, returned: string): Price[] {
  return [
    { usageType: `Select-Scanned${suffix}-Bytes`, unit: 'GB', about: `scanned by S3 Select in ${name}`, tiers: flat('0.002') },
    { usageType: `Select-Returned${suffix}-Bytes`, unit: 'GB', about: `returned by S3 Select from ${name}`, tiers: flat(returned) },
  ];
}

const toolPrices: readonly Price[] = [
  ...select('Standard', '', '0.0007'),
  ...select('Standard - Infrequent Access', '-SIA', '0.01'),
  ...select('One Zone - Infrequent Access', '-ZIA', '0.01'),
  ...select('Intelligent-Tiering', '-INT', '0.0007'),
  ...select('Glacier Instant Retrieval', '-GIR', '0.03'),
  ...select('Glacier Flexible Retrieval', '-Glacier', '0.01'),
  ...select('Reduced Redundancy', '-RRS', '0.0007'),
  { usageType: 'Inventory-ObjectsListed', unit: 'Objects', about: 'objects listed by S3 Inventory', tiers: flat('0.0000000025') },
  { usageType: 'BatchOperations-Jobs', unit: 'Jobs', about: 'S3 Batch Operations jobs', tiers: flat('0.25') },
  { usageType: 'BatchOperations-Objects', unit: 'Objects', about: 'objects of S3 Batch Operations', tiers: flat('0.000001') },
  { usageType: 'S3RTC-Out-Bytes', unit: 'GB', about: 'S3 Replication Time Control', tiers: flat('0.015') },
];

export const s3: Product = {
  ...{ code: 'AmazonS3', name: 'Amazon Simple Storage Service', family: 'Storage' },
  prices: [...storagePrices, ...requestPrices, ...retrievalPrices, ...toolPrices],
};

/** Glacier vaults: https://aws.amazon.com/s3/glacier/pricing/ */
export const glacier: Product = {
  ...{ code: 'AmazonGlacier', name: 'Amazon Glacier', family: 'Storage' },
  prices: [
    {
      ...{ usageType: 'TimedStorage-ByteHrs', unit: 'GB-Mo', about: 'storage in vaults', tiers: flat('0.0036') },
      elsewhere: flatIn({ 'us-west-1': '0.004', 'eu-west-1': '0.0036', 'ap-northeast-1': '0.0045', 'ap-northeast-2': '0.0045' }),
    },
    { usageType: 'EarlyDelete-ByteHrs', unit: 'GB-Mo', about: 'early deletion', tiers: flat('0.0036') },
    { usageType: 'Requests-Tier1', unit: 'Requests', about: 'uploads', tiers: thousand('0.03') },
    {
      usageType: 'Standard-Retrieval-Bytes',
      unit: 'GB',
      about: 'standard retrieval',
      tiers: flat('0.01'),
      free: [{ units: 10, from: 'always' }],
    },
    { usageType: 'Expedited-Retrieval-Bytes', unit: 'GB', about: 'expedited retrieval', tiers: flat('0.03') },
    { usageType: 'Bulk-Retrieval-Bytes', unit: 'GB', about: 'bulk retrieval', tiers: flat('0.0025') },
    { usageType: 'ProvisionedCapacityUnits', unit: 'Units', about: 'provisioned capacity units', tiers: flat('100'), everywhere: true },
  ],
};
