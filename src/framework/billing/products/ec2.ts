/** EC2: instances, volumes, addresses, NAT gateways, endpoints. */

import { flat, flatIn, terabytes, type Allowance, type Price, type Product } from '../price.ts';
import { instancePrices } from './instances.ts';

/** 750 hours a month of the smallest types in the first year. */
const freeHours: readonly Allowance[] = [{ units: 750, from: 'first-year', shared: 'ec2-hours' }];
const freeTypes = new Set(['t2.micro', 't3.micro']);

const computePrices = [...instancePrices].flatMap(([type, { dollars, elsewhere }]): Price[] => {
  const price = {
    ...{ unit: 'Hrs' as const, tiers: flat(dollars), elsewhere: flatIn(elsewhere) },
    attributes: {
      ...{ instanceType: type, instanceFamily: type.split('.')[0]!, operatingSystem: 'Linux', tenancy: 'Shared' },
      ...{ preInstalledSw: 'NA', licenseModel: 'No License required' },
    },
  };
  return [
    {
      ...{ ...price, usageType: `BoxUsage:${type}`, about: `On Demand Linux ${type}` },
      ...{ attributes: { ...price.attributes, capacitystatus: 'Used' }, ...(freeTypes.has(type) && { free: freeHours }) },
    },
    {
      ...{ ...price, usageType: `UnusedBox:${type}`, about: `unused reservation of Linux ${type}` },
      attributes: { ...price.attributes, capacitystatus: 'UnusedCapacityReservation' },
    },
  ];
});

/** What unlimited instances of the t families use beyond what they earn. */
const creditPrices = Object.entries({ t2: '0.05', t3: '0.05', t3a: '0.05', t4g: '0.04' }).map(([family, dollars]): Price => ({
  ...{ usageType: `CPUCredits:${family}`, unit: 'vCPU-Hours', about: `CPU credits of Linux ${family}`, tiers: flat(dollars) },
  everywhere: true,
}));

/** https://aws.amazon.com/ec2/pricing/dedicated-instances/ names the fee, not its usage type. */
const dedicatedFee: Price = {
  ...{ usageType: 'DedicatedRegionFee', unit: 'Hrs', about: 'dedicated instances in a region, however many', tiers: flat('2') },
  everywhere: true,
};

/** https://aws.amazon.com/ec2/pricing/on-demand/ */
export const compute: Product = {
  ...{ code: 'AmazonEC2', name: 'Amazon Elastic Compute Cloud - Compute', family: 'Compute Instance' },
  prices: [...computePrices, ...creditPrices, dedicatedFee],
};

/** What plans cost is said by each of them. https://aws.amazon.com/savingsplans/compute-pricing/ */
export const computeSavingsPlans: Product = {
  ...{ code: 'ComputeSavingsPlans', name: 'Savings Plans for AWS Compute usage', family: 'Savings Plans' },
  prices: [],
};

const volume = (api: string, usage: string, dollars: string, elsewhere: Record<string, string> = {}): Price => ({
  ...{ usageType: `EBS:VolumeUsage${usage}`, unit: 'GB-Mo', about: `${api} volumes`, tiers: flat(dollars), elsewhere: flatIn(elsewhere) },
  ...(api.startsWith('gp') || api === 'standard' ? { free: [{ units: 30, from: 'first-year', shared: 'ebs-storage' }] } : {}),
  attributes: { volumeApiName: api },
});

const gp3 = {
  ...{ 'us-west-1': '0.096', 'ca-central-1': '0.088', 'eu-west-1': '0.088', 'eu-west-2': '0.0928', 'eu-west-3': '0.0928' },
  ...{ 'eu-central-1': '0.0952', 'eu-north-1': '0.0836', 'ap-northeast-1': '0.096', 'ap-northeast-2': '0.0912' },
  ...{ 'ap-southeast-1': '0.096', 'ap-southeast-2': '0.096', 'ap-south-1': '0.0912', 'sa-east-1': '0.152' },
};
const gp2 = {
  ...{ 'us-west-1': '0.12', 'ca-central-1': '0.11', 'eu-west-1': '0.11', 'eu-west-2': '0.116', 'eu-west-3': '0.116' },
  ...{ 'eu-central-1': '0.119', 'eu-north-1': '0.1045', 'ap-northeast-1': '0.12', 'ap-northeast-2': '0.114' },
  ...{ 'ap-southeast-1': '0.12', 'ap-southeast-2': '0.12', 'ap-south-1': '0.114', 'sa-east-1': '0.19' },
};

/** https://aws.amazon.com/ebs/pricing/ */
const volumePrices: readonly Price[] = [
  volume('gp3', '.gp3', '0.08', gp3),
  volume('gp2', '.gp2', '0.1', gp2),
  volume('io1', '.piops', '0.125'),
  volume('io2', '.io2', '0.125'),
  volume('st1', '.st1', '0.045'),
  volume('sc1', '.sc1', '0.015'),
  volume('standard', '', '0.05'),
  { usageType: 'EBS:VolumeP-IOPS.gp3', unit: 'IOPS-Mo', about: 'IOPS of gp3 volumes beyond 3,000', tiers: flat('0.005') },
  { usageType: 'EBS:VolumeP-Throughput.gp3', unit: 'GiBps-Mo', about: 'throughput of gp3 volumes beyond 125 MiB/s', tiers: flat('40.96') },
  { usageType: 'EBS:VolumeP-IOPS.piops', unit: 'IOPS-Mo', about: 'IOPS of io1 volumes', tiers: flat('0.065') },
  { usageType: 'EBS:VolumeP-IOPS.io2', unit: 'IOPS-Mo', about: 'IOPS of io2 volumes up to 32,000', tiers: flat('0.065') },
  { usageType: 'EBS:VolumeP-IOPS.io2.tier2', unit: 'IOPS-Mo', about: 'IOPS of io2 volumes up to 64,000', tiers: flat('0.0455') },
  { usageType: 'EBS:VolumeP-IOPS.io2.tier3', unit: 'IOPS-Mo', about: 'IOPS of io2 volumes beyond 64,000', tiers: flat('0.03185') },
  {
    ...{ usageType: 'EBS:SnapshotUsage', unit: 'GB-Mo', about: 'snapshots', tiers: flat('0.05') },
    free: [{ units: 1, from: 'first-year' }],
  },
];

const natHours = flatIn({
  ...{ 'us-west-1': '0.048', 'ca-central-1': '0.05', 'eu-west-1': '0.048', 'eu-west-2': '0.05', 'eu-west-3': '0.05' },
  ...{ 'eu-central-1': '0.052', 'eu-north-1': '0.046', 'ap-northeast-1': '0.062', 'ap-northeast-2': '0.059' },
  ...{ 'ap-southeast-1': '0.059', 'ap-southeast-2': '0.059', 'ap-south-1': '0.056', 'sa-east-1': '0.093' },
});

export const ec2Other: Product = {
  ...{ code: 'AmazonEC2', name: 'EC2 - Other', family: 'Storage' },
  prices: [
    ...volumePrices,
    { usageType: 'NatGateway-Hours', unit: 'Hrs', about: 'NAT gateways', tiers: flat('0.045'), elsewhere: natHours },
    { usageType: 'NatGateway-Bytes', unit: 'GB', about: 'data through NAT gateways', tiers: flat('0.045'), elsewhere: natHours },
  ],
};

/** https://aws.amazon.com/vpc/pricing/ */
export const vpc: Product = {
  ...{ code: 'AmazonVPC', name: 'Amazon Virtual Private Cloud', family: 'VpcEndpoint' },
  prices: [
    {
      ...{
        usageType: 'PublicIPv4:InUseAddress',
        unit: 'Hrs',
        about: 'public IPv4 addresses in use',
        tiers: flat('0.005'),
        everywhere: true,
      },
      free: [{ units: 750, from: 'first-year' }],
    },
    { usageType: 'PublicIPv4:IdleAddress', unit: 'Hrs', about: 'idle public IPv4 addresses', tiers: flat('0.005'), everywhere: true },
    {
      ...{ usageType: 'VpcEndpoint-Bytes', unit: 'GB', about: 'data through interface endpoints' },
      tiers: [['0.01', terabytes(1024)], ['0.006', terabytes(5 * 1024)], ['0.004']],
    },
    { usageType: 'VpcEndpoint-Hours', unit: 'Hrs', about: 'interface endpoints', tiers: flat('0.01') },
  ],
};
