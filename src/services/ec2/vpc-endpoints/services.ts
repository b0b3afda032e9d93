/** The cloud's own services as VPC endpoints lead to them, and their public addresses. */

import { createHash } from 'node:crypto';
import type { PrefixList } from '../prefix-lists/prefix-list.ts';
import type { Place } from '../resource.ts';

/** Of a service: what stands after `com.amazonaws.REGION.`, and the first label of its public name. */
export type EndpointService = { short: string; label: string; gateway: boolean };

/** Those whose first label is another than AWS's name of the service. */
const labels: Readonly<Record<string, string>> = { 'kinesis-streams': 'kinesis', 'kinesis-firehose': 'firehose' };

export const endpointServices: readonly EndpointService[] = [
  ...['application-autoscaling', 'cloudtrail', 'dynamodb', 'ec2', 'kinesis-firehose', 'kinesis-streams', 'kms', 'logs', 's3'],
  ...['sns', 'sqs', 'sts'],
].map((short) => ({ short, label: labels[short] ?? short, gateway: short === 's3' || short === 'dynamodb' }));

export const serviceName = ({ short }: EndpointService, region: string): string => `com.amazonaws.${region}.${short}`;
export const publicName = ({ label }: EndpointService, region: string): string => `${label}.${region}.amazonaws.com`;

/** The service that a name like `com.amazonaws.us-east-1.s3` means in a region. */
export function serviceNamed(region: string, name: string): EndpointService | undefined {
  return endpointServices.find((service) => serviceName(service, region) === name);
}

/** The cloud's own API on its internet, beside the range of public addresses of instances. */
const addresses: Readonly<Record<string, string>> = { s3: '100.65.1.1', dynamodb: '100.65.2.1' };
const otherAddress = '100.65.0.1';
export const apiAddresses: readonly string[] = [otherAddress, ...Object.values(addresses)];
/** Where an endpoint of a gateway service is answered inside of a router. */
const homes: Readonly<Record<string, string>> = { s3: '169.254.0.11', dynamodb: '169.254.0.12' };

export const addressOf = (short: string): string => addresses[short] ?? otherAddress;
export const homeOf = (short: string): string => homes[short]!;

/** The public address behind a name of AWS that is not an instance's; undefined for names of others. */
export function apiAddressOf(name: string): string | undefined {
  if (!name.endsWith('.amazonaws.com')) return undefined;
  const parts = name.slice(0, -'.amazonaws.com'.length).split('.');
  if (parts.some((part) => /^s3(?:$|-)/.test(part))) return addresses['s3'];
  return addressOf(parts.includes('dynamodb') ? 'dynamodb' : '');
}

const known: Readonly<Record<string, string>> = { 'us-east-1 s3': 'pl-63a5400a', 'us-east-1 dynamodb': 'pl-02cd2c6b' };

/** AWS's own prefix lists of a region: what its gateway services answer at. */
export function managedPrefixLists({ account, region }: Place): PrefixList[] {
  return endpointServices
    .filter(({ gateway }) => gateway)
    .map((service) => {
      const key = `${region} ${service.short}`;
      const id = known[key] ?? `pl-${createHash('sha256').update(key).digest('hex').slice(0, 8)}`;
      const cidr = addressOf(service.short).replace(/\d+$/, '0/24');
      return { account, region, id, name: serviceName(service, region), family: 'IPv4', entriesMax: 1, version: 1, entries: [{ cidr }] };
    });
}

export function prefixListOf(region: string, service: EndpointService): PrefixList {
  return managedPrefixLists({ account: '', region }).find(({ name }) => name === serviceName(service, region))!;
}
