/** Egress-only internet gateways, for IPv6: create, describe, delete. */

import { describe } from '../describe.ts';
import type { Filters } from '../filters.ts';
import { once } from '../idempotency.ts';
import { newId, requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor, tagSet } from '../tags/tag-specifications.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { egressOnlyGateways, egressOnlyGatewayType, type EgressOnlyGateway } from './egress-only-gateway.ts';

const shown = (row: EgressOnlyGateway) => ({
  EgressOnlyInternetGatewayId: row.id,
  Attachments: [{ VpcId: row.vpc, State: 'attached' as const }],
  ...tagSet(row),
});

const filters: Filters<EgressOnlyGateway> = {};

export const DescribeEgressOnlyInternetGateways: Operation<'DescribeEgressOnlyInternetGateways'> = async (request, input) => {
  const { rows, next } = await describe(request, input, { type: egressOnlyGatewayType, ids: input.EgressOnlyInternetGatewayIds, filters });
  return { EgressOnlyInternetGateways: rows.map(shown), ...next };
};

export const CreateEgressOnlyInternetGateway: Operation<'CreateEgressOnlyInternetGateway'> = async (request, input) => {
  const tags = tagsFor(input.TagSpecifications, 'egress-only-internet-gateway');
  const id = newId(request.random, 'eigw');
  const row = await request.store.write((tx) =>
    once(tx, request, input, egressOnlyGateways, async () => {
      const vpc = await requireResource(tx, request, vpcType, input.VpcId);
      const made: EgressOnlyGateway = { account: request.account, region: request.region, id, vpc: vpc.id, ...kept(tags) };
      await egressOnlyGateways.put(tx, made);
      return made;
    }),
  );
  return { EgressOnlyInternetGateway: shown(row), ...(input.ClientToken !== undefined && { ClientToken: input.ClientToken }) };
};

export const DeleteEgressOnlyInternetGateway: Operation<'DeleteEgressOnlyInternetGateway'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requireResource(tx, request, egressOnlyGatewayType, input.EgressOnlyInternetGatewayId);
    await egressOnlyGateways.delete(tx, row.account, row.region, row.id);
  });
  return { ReturnCode: true };
};
