/** Groups and rules across peering connections: who refers to a group, and which rules refer to what is gone. */

import type { ReadTransaction } from '../../../store/store.ts';
import type { Page } from '../../../store/table.ts';
import { pageOf, readPage } from '../pagination.ts';
import { requireResource, resourcesBy } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { peeringsOf, type Peering } from '../vpc-peering-connections/peering.ts';
import { vpcType } from '../vpcs/vpc.ts';
import { permissionsOf } from './description.ts';
import { securityGroupRules, securityGroupRuleType, securityGroups, securityGroupType, type SecurityGroupRule } from './security-group.ts';
import { servesVpc } from './vpc-association.ts';

/** Which VPCs at the other end of peering connections have rules about the groups. */
export const DescribeSecurityGroupReferences: Operation<'DescribeSecurityGroupReferences'> = async (request, input) => {
  const found = await request.store.read(async (tx) => {
    const peerings = await peeringsOf(tx, request);
    const references = new Map<string, { GroupId: string; ReferencingVpcId: string; VpcPeeringConnectionId: string }>();
    for (const id of new Set(input.GroupId)) {
      const group = await requireResource(tx, request, securityGroupType, id);
      for (const { row } of await securityGroupRules.scanIndex(tx, 'peer', [group.region, group.id])) {
        const referring = await securityGroups.get(tx, row.account, row.region, row.group);
        const peering = referring && referring.vpc !== group.vpc ? between(peerings, group.vpc, referring.vpc, 'active') : undefined;
        if (referring && peering)
          references.set(`${group.id} ${referring.vpc}`, {
            ...{ GroupId: group.id, ReferencingVpcId: referring.vpc, VpcPeeringConnectionId: peering.id },
          });
      }
    }
    return [...references.values()];
  });
  return { SecurityGroupReferenceSet: found };
};

/** Rules that name groups of a peer whose connection, or which themselves, are gone: they let nobody pass. */
export const DescribeStaleSecurityGroups: Operation<'DescribeStaleSecurityGroups'> = async (request, input) => {
  const page = pageOf('stale-security-groups', input, { min: 5, max: 255 });
  const { account, region } = request;
  const { rows, next } = await request.store.read(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    const peerings = await peeringsOf(tx, request);
    const read = (range: Page) => securityGroups.scanIndex(tx, 'vpc', [account, region, vpc.id], range);
    return readPage('stale-security-groups', page, read, async (group) => {
      const stale: StaleRule[] = [];
      for (const rule of await resourcesBy(tx, request, securityGroupRuleType, 'group', group.id)) {
        const found = await staleness(tx, rule, vpc.id, peerings);
        if (found) stale.push(found);
      }
      return stale.length > 0 ? { group, stale } : undefined;
    });
  });
  return {
    StaleSecurityGroupSet: rows.map(({ group, stale }) => ({
      ...{ GroupId: group.id, GroupName: group.name, Description: group.description, VpcId: group.vpc },
      StaleIpPermissions: permissionsIn(stale, false),
      StaleIpPermissionsEgress: permissionsIn(stale, true),
    })),
    ...next,
  };
};

type StaleRule = { rule: SecurityGroupRule; vpc?: string; peering?: Peering };

async function staleness(
  tx: ReadTransaction,
  rule: SecurityGroupRule,
  vpc: string,
  peerings: readonly Peering[],
): Promise<StaleRule | undefined> {
  if (!('group' in rule.peer)) return undefined;
  const other = await securityGroups.get(tx, rule.peer.account, rule.region, rule.peer.group);
  if (!other) return { rule };
  if ((await servesVpc(tx, other, vpc)) || between(peerings, vpc, other.vpc, 'active')) return undefined;
  const peering = between(peerings, vpc, other.vpc);
  return { rule, vpc: other.vpc, ...(peering && { peering }) };
}

/** The connection between two VPCs, in a state or in any. */
const between = (peerings: readonly Peering[], a: string, b: string, state?: Peering['state']): Peering | undefined =>
  peerings.find(
    (one) =>
      (state === undefined || one.state === state) &&
      [one.requester.vpc, one.accepter.vpc].includes(a) &&
      [one.requester.vpc, one.accepter.vpc].includes(b),
  );

function permissionsIn(stale: readonly StaleRule[], egress: boolean) {
  const mine = stale.filter(({ rule }) => rule.egress === egress);
  return permissionsOf(mine.map(({ rule }) => rule)).map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({
    ...{ IpProtocol, FromPort, ToPort },
    UserIdGroupPairs: UserIdGroupPairs.map((pair) => {
      const found = mine.find(({ rule }) => 'group' in rule.peer && rule.peer.group === pair.GroupId);
      return {
        ...pair,
        ...(found?.vpc !== undefined && { VpcId: found.vpc }),
        ...(found?.peering && { VpcPeeringConnectionId: found.peering.id, PeeringStatus: found.peering.state }),
      };
    }),
  }));
}
