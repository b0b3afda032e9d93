/** Services to which endpoints lead, and AWS's own prefix lists. */

import { createHash } from 'node:crypto';
import { zonesOf } from '../../../framework/regions.ts';
import { refusal } from '../errors.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { pageOf, tokenOf, type PageInput } from '../pagination.ts';
import type { PrefixList } from '../prefix-lists/prefix-list.ts';
import type { Operation } from '../sdk.ts';
import { endpointServices, managedPrefixLists, publicName, serviceName, type EndpointService } from './services.ts';

/** A service as an endpoint of one type. */
type Offered = { service: EndpointService; type: 'Gateway' | 'Interface'; name: string };

const offers = (region: string): Offered[] =>
  endpointServices.flatMap((service) =>
    (service.gateway ? (['Gateway', 'Interface'] as const) : (['Interface'] as const)).map((type) => ({
      ...{ service, type, name: serviceName(service, region) },
    })),
  );

const filters: Filters<Offered> = {
  owner: () => 'amazon',
  'service-name': ({ name }) => name,
  'service-type': ({ type }) => type,
  'supported-ip-address-types': () => 'ipv4',
};

export const DescribeVpcEndpointServices: Operation<'DescribeVpcEndpointServices'> = async ({ region }, input) => {
  const fits = compileFilters<Offered>(input.Filters, filters);
  const all = offers(region);
  const unknown = (input.ServiceNames ?? []).find((name) => !all.some((one) => one.name === name));
  if (unknown !== undefined) throw refusal('InvalidServiceName')(`The Vpc Endpoint Service '${unknown}' does not exist`);
  const found = all.filter((one) => (input.ServiceNames?.length ? input.ServiceNames.includes(one.name) : true) && fits(one));
  const { page, next } = pageFrom('vpc-endpoint-services', input, found);
  return {
    ServiceNames: [...new Set(page.map(({ name }) => name))],
    ServiceDetails: page.map(({ service, type, name }) => ({
      ...{ ServiceName: name, ServiceId: serviceId(name, type), ServiceType: [{ ServiceType: type }], ServiceRegion: region },
      ...{ Owner: 'amazon', AvailabilityZones: zonesOf(region).map((zone) => zone.name), AcceptanceRequired: false },
      ...{ ManagesVpcEndpoints: false, VpcEndpointPolicySupported: true, SupportedIpAddressTypes: ['ipv4' as const], Tags: [] },
      BaseEndpointDnsNames: [type === 'Interface' ? `${service.short}.${region}.vpce.amazonaws.com` : publicName(service, region)],
      ...(type === 'Interface' && {
        ...{ PrivateDnsName: publicName(service, region), PrivateDnsNames: [{ PrivateDnsName: publicName(service, region) }] },
        PrivateDnsNameVerificationState: 'verified' as const,
      }),
    })),
    ...next,
  };
};

const serviceId = (name: string, type: string): string =>
  `vpce-svc-0${createHash('sha256').update(`${name} ${type}`).digest('hex').slice(0, 16)}`;

const listFilters: Filters<PrefixList> = { 'prefix-list-id': (row) => row.id, 'prefix-list-name': (row) => row.name };

export const DescribePrefixLists: Operation<'DescribePrefixLists'> = async (request, input) => {
  const fits = compileFilters<PrefixList>(input.Filters, listFilters);
  const all = managedPrefixLists(request);
  const unknown = (input.PrefixListIds ?? []).find((id) => !all.some((one) => one.id === id));
  if (unknown !== undefined) throw refusal('InvalidPrefixListId.NotFound')(`The prefix list ID '${unknown}' does not exist`);
  const found = all.filter((one) => (input.PrefixListIds?.length ? input.PrefixListIds.includes(one.id) : true) && fits(one));
  const { page, next } = pageFrom('prefix-lists', input, found);
  return {
    PrefixLists: page.map(({ id, name, entries }) => ({ PrefixListId: id, PrefixListName: name, Cidrs: entries.map(({ cidr }) => cidr) })),
    ...next,
  };
};

function pageFrom<Row>(name: string, input: PageInput, rows: readonly Row[]): { page: Row[]; next: { NextToken?: string } } {
  const { limit = 1000, after } = pageOf(name, input);
  const start = after ? Number(Buffer.from(after).toString()) : 0;
  const more = start + limit < rows.length;
  return { page: rows.slice(start, start + limit), next: more ? { NextToken: tokenOf(name, Buffer.from(String(start + limit))) } : {} };
}
