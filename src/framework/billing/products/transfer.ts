/** Data that leaves and enters: https://aws.amazon.com/ec2/pricing/on-demand/#Data_Transfer, the same whoever sends it. */

import { flat, flatIn, terabytes, type Price, type Product, type Tier } from '../price.ts';

/** Dollars of the first 10 TB, the next 40 TB, the next 100 TB, and what is beyond. */
const out = (first: string, second: string, third: string, beyond: string): readonly Tier[] => [
  [first, terabytes(10)],
  [second, terabytes(50)],
  [third, terabytes(150)],
  [beyond],
];

/** Bytes that go to the internet from any service climb the tiers together. */
const toInternet: Price = {
  ...{ usageType: 'DataTransfer-Out-Bytes', unit: 'GB', about: 'data transfer out to the internet' },
  tiers: out('0.09', '0.085', '0.07', '0.05'),
  elsewhere: {
    'ap-northeast-1': out('0.114', '0.089', '0.086', '0.084'),
    'ap-northeast-2': out('0.126', '0.122', '0.117', '0.108'),
    'ap-northeast-3': out('0.114', '0.089', '0.086', '0.084'),
    'ap-southeast-1': out('0.12', '0.085', '0.082', '0.08'),
    'ap-southeast-2': out('0.114', '0.098', '0.094', '0.092'),
    'ap-south-1': out('0.1093', '0.085', '0.082', '0.08'),
    'sa-east-1': out('0.15', '0.138', '0.126', '0.114'),
  },
  climbsWith: 'transfer-out',
  free: [{ units: 100, from: 'always', shared: 'transfer-out' }],
};

const free = (usageType: string, about: string): Price => ({ usageType, unit: 'GB', about, tiers: flat('0'), everywhere: true });

/** Listed once, and billed under the service whose bytes they are. */
export const transferPrices: readonly Price[] = [
  toInternet,
  free('DataTransfer-In-Bytes', 'data transfer in'),
  {
    ...{ usageType: 'AWS-Out-Bytes', unit: 'GB', about: 'data transfer out to another region', tiers: flat('0.02') },
    elsewhere: flatIn({ 'ap-northeast-1': '0.09', 'ap-northeast-2': '0.08', 'ap-southeast-1': '0.09', 'sa-east-1': '0.138' }),
  },
  free('AWS-In-Bytes', 'data transfer in from another region'),
  { usageType: 'DataTransfer-Regional-Bytes', unit: 'GB', about: 'data transfer between zones', tiers: flat('0.01') },
];

export const transfer: Product = {
  ...{ code: 'AWSDataTransfer', name: 'AWS Data Transfer', family: 'Data Transfer' },
  prices: transferPrices,
};
