/** On-demand prices of instance types, Linux, shared tenancy: https://aws.amazon.com/ec2/pricing/on-demand/ */

import { trimmed } from '../decimal.ts';

/** A type's dollars an hour in us-east-1, and what the smallest one listed of its family costs elsewhere, in proportion to which all others are. */
type Family = {
  name: string;
  /** Hundred-thousandths of a dollar an hour, by size. */
  sizes: Readonly<Record<string, number>>;
  elsewhere?: Readonly<Record<string, number>>;
};

const burst = (nano: number): Record<string, number> =>
  Object.fromEntries(['nano', 'micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'].map((size, at) => [size, nano * 2 ** at]));

const vcpus: Readonly<Record<string, number>> = {
  ...{ large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32, '9xlarge': 36, '12xlarge': 48, '16xlarge': 64, '18xlarge': 72 },
  ...{ '24xlarge': 96, '32xlarge': 128, '48xlarge': 192 },
};

/** Sizes by a price for two vCPUs. */
const linear = (large: number, sizes: string): Record<string, number> =>
  Object.fromEntries(sizes.split(' ').map((size) => [size, (large * vcpus[size]!) / 2]));

const fifth = 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge';
const sixth = `${fifth} 32xlarge`;
const seventh = `${sixth} 48xlarge`;
const graviton = 'large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge';

const t3Elsewhere = {
  ...{ 'us-west-1': 620, 'ca-central-1': 580, 'eu-west-1': 570, 'eu-west-2': 590, 'eu-west-3': 590, 'eu-central-1': 600 },
  ...{ 'eu-north-1': 540, 'ap-northeast-1': 680, 'ap-northeast-2': 650, 'ap-southeast-1': 660, 'ap-southeast-2': 660 },
  ...{ 'ap-south-1': 560, 'sa-east-1': 840 },
};

const families: readonly Family[] = [
  {
    name: 't2',
    sizes: { nano: 580, micro: 1160, small: 2300, medium: 4640, large: 9280, xlarge: 18_560, '2xlarge': 37_120 },
  },
  { name: 't3', sizes: burst(520), elsewhere: t3Elsewhere },
  { name: 't3a', sizes: burst(470) },
  { name: 't4g', sizes: burst(420) },
  { name: 'm4', sizes: linear(10_000, 'large xlarge 2xlarge 4xlarge 16xlarge') },
  {
    ...{ name: 'm5', sizes: linear(9600, fifth) },
    elsewhere: {
      ...{ 'us-west-1': 11_200, 'ca-central-1': 10_700, 'eu-west-1': 10_700, 'eu-west-2': 11_100, 'eu-west-3': 11_200 },
      ...{ 'eu-central-1': 11_500, 'eu-north-1': 10_200, 'ap-northeast-1': 12_400, 'ap-northeast-2': 11_800 },
      ...{ 'ap-southeast-1': 12_000, 'ap-southeast-2': 12_000, 'ap-south-1': 10_100, 'sa-east-1': 15_300 },
    },
  },
  { name: 'm5a', sizes: linear(8600, fifth) },
  { name: 'm6i', sizes: linear(9600, sixth) },
  { name: 'm6a', sizes: linear(8640, sixth) },
  { name: 'm6g', sizes: { medium: 3850, ...linear(7700, graviton) } },
  { name: 'm7g', sizes: { medium: 4080, ...linear(8160, graviton) } },
  { name: 'm7i', sizes: linear(10_080, seventh) },
  {
    ...{ name: 'c5', sizes: linear(8500, 'large xlarge 2xlarge 4xlarge 9xlarge 12xlarge 18xlarge 24xlarge') },
    elsewhere: {
      ...{ 'us-west-1': 10_600, 'ca-central-1': 9300, 'eu-west-1': 9600, 'eu-west-2': 10_100, 'eu-west-3': 10_100 },
      ...{ 'eu-central-1': 9700, 'eu-north-1': 9100, 'ap-northeast-1': 10_700, 'ap-northeast-2': 9600 },
      ...{ 'ap-southeast-1': 9800, 'ap-southeast-2': 11_100, 'ap-south-1': 8500, 'sa-east-1': 13_100 },
    },
  },
  { name: 'c6i', sizes: linear(8500, sixth) },
  { name: 'c6g', sizes: { medium: 3400, ...linear(6800, graviton) } },
  { name: 'c7g', sizes: { medium: 3630, ...linear(7250, graviton) } },
  { name: 'c7i', sizes: linear(8925, seventh) },
  {
    ...{ name: 'r5', sizes: linear(12_600, fifth) },
    elsewhere: {
      ...{ 'us-west-1': 14_000, 'ca-central-1': 13_800, 'eu-west-1': 14_100, 'eu-west-2': 14_800, 'eu-west-3': 14_800 },
      ...{ 'eu-central-1': 15_200, 'eu-north-1': 13_400, 'ap-northeast-1': 15_200, 'ap-northeast-2': 15_200 },
      ...{ 'ap-southeast-1': 15_200, 'ap-southeast-2': 15_100, 'ap-south-1': 13_000, 'sa-east-1': 20_100 },
    },
  },
  { name: 'r6i', sizes: linear(12_600, sixth) },
  { name: 'r6g', sizes: { medium: 5040, ...linear(10_080, graviton) } },
  { name: 'r7g', sizes: { medium: 5360, ...linear(10_710, graviton) } },
  { name: 'i3', sizes: linear(15_600, 'large xlarge 2xlarge 4xlarge 8xlarge 16xlarge') },
  { name: 'd3', sizes: { xlarge: 49_900, '2xlarge': 99_900, '4xlarge': 199_800, '8xlarge': 399_552 } },
  { name: 'p3', sizes: { '2xlarge': 306_000, '8xlarge': 1_224_000, '16xlarge': 2_448_000 } },
  { name: 'g4dn', sizes: { xlarge: 52_600, '2xlarge': 75_200, '4xlarge': 120_400, '8xlarge': 217_600 } },
  { name: 'x1', sizes: { '16xlarge': 666_900, '32xlarge': 1_333_800 } },
];

/** Hundred-thousandths of a dollar as decimal text of dollars; fractions of them, which half a price may have, are kept. */
function dollars(hundredThousandths: number): string {
  const text = Math.round(hundredThousandths * 10)
    .toString()
    .padStart(7, '0');
  return trimmed(`${text.slice(0, -6)}.${text.slice(-6)}`);
}

export type InstancePrice = {
  /** Dollars an hour in us-east-1, as decimal text. */
  dollars: string;
  /** The same in regions whose figures are known. */
  elsewhere: Readonly<Record<string, string>>;
};

function pricesOf({ name, sizes, elsewhere = {} }: Family): [string, InstancePrice][] {
  const smallest = Object.values(sizes)[0]!;
  return Object.entries(sizes).map(([size, here]) => [
    `${name}.${size}`,
    {
      dollars: dollars(here),
      elsewhere: Object.fromEntries(Object.entries(elsewhere).map(([region, there]) => [region, dollars((there * here) / smallest)])),
    },
  ]);
}

/** By the name of the type: `t3.micro`. */
export const instancePrices: ReadonlyMap<string, InstancePrice> = new Map(families.flatMap(pricesOf));
