/** VPC peering connections: ask, accept, reject, delete, describe. */

import type { ServiceRequest } from '../../../framework/request.ts';
import type { Tag } from '../../../framework/tags.ts';
import type { WriteTransaction } from '../../../store/store.ts';
import { compileFilters, type Filters } from '../filters.ts';
import { notBuilt, refusal } from '../errors.ts';
import { pageOf, tokenOf } from '../pagination.ts';
import { cidrOf, overlaps } from '../../../framework/cidr.ts';
import { newId, requireResource, checkId } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { kept, tagsFor } from '../tags/tag-specifications.ts';
import { vpcs, vpcType, type Vpc } from '../vpcs/vpc.ts';
import { peerings, peeringsOf, peeringType, type Peering, type PeeringSide } from './peering.ts';

const expiryMilliseconds = 7 * 86_400_000;
/** How long AWS shows one that has ended. */
const shownMilliseconds = 2 * 3_600_000;

const messages = {
  'pending-acceptance': (row: Peering) => `Pending Acceptance by ${row.accepter.account}`,
  active: () => 'Active',
  rejected: (row: Peering) => `Rejected by ${row.accepter.account}`,
};

function sideOf(side: PeeringSide) {
  return {
    ...{ OwnerId: side.account, Region: side.region, VpcId: side.vpc },
    ...(side.cidrs[0] !== undefined && { CidrBlock: side.cidrs[0], CidrBlockSet: side.cidrs.map((CidrBlock) => ({ CidrBlock })) }),
    ...(side.cidrs6 && { Ipv6CidrBlockSet: side.cidrs6.map((Ipv6CidrBlock) => ({ Ipv6CidrBlock })) }),
    PeeringOptions: {
      AllowDnsResolutionFromRemoteVpc: side.remoteDns ?? false,
      ...{ AllowEgressFromLocalClassicLinkToRemoteVpc: false, AllowEgressFromLocalVpcToRemoteClassicLink: false },
    },
  };
}

const tagsSeenBy = (row: Peering, { account, region }: ServiceRequest): Tag[] =>
  (row.account === account && row.region === region ? row.tags : row.accepterTags) ?? [];

function peeringOf(row: Peering, request: ServiceRequest) {
  return {
    ...{ VpcPeeringConnectionId: row.id, RequesterVpcInfo: sideOf(row.requester), AccepterVpcInfo: sideOf(row.accepter) },
    Status: { Code: row.state, Message: row.message },
    ...(row.state === 'pending-acceptance' && row.expires !== undefined && { ExpirationTime: new Date(row.expires) }),
    Tags: tagsSeenBy(row, request),
  };
}

const filters: Filters<Peering> = {
  'vpc-peering-connection-id': (row) => row.id,
  'status-code': (row) => row.state,
  'status-message': (row) => row.message,
  'requester-vpc-info.vpc-id': (row) => row.requester.vpc,
  'requester-vpc-info.owner-id': (row) => row.requester.account,
  'requester-vpc-info.cidr-block': (row) => row.requester.cidrs,
  'accepter-vpc-info.vpc-id': (row) => row.accepter.vpc,
  'accepter-vpc-info.owner-id': (row) => row.accepter.account,
  'accepter-vpc-info.cidr-block': (row) => row.accepter.cidrs,
  'expiration-time': (row) => row.expires && new Date(row.expires).toISOString(),
};

export const DescribeVpcPeeringConnections: Operation<'DescribeVpcPeeringConnections'> = async (request, input) => {
  const { limit = 1000, after } = pageOf('peerings', input);
  const fits = compileFilters(input.Filters, filters);
  const start = after ? Number(Buffer.from(after).toString()) : 0;
  const all = await request.store.read((tx) => peeringsOf(tx, request));
  const ids = input.VpcPeeringConnectionIds ?? [];
  for (const id of ids)
    if (!all.some((row) => row.id === id)) {
      checkId(peeringType, id);
      throw peeringType.notFound(id);
    }
  const found = all.filter((row) => (ids.length === 0 || ids.includes(row.id)) && fits({ ...row, tags: tagsSeenBy(row, request) }));
  return {
    VpcPeeringConnections: found.slice(start, start + limit).map((row) => peeringOf(row, request)),
    ...(start + limit < found.length && { NextToken: tokenOf('peerings', Buffer.from(String(start + limit))) }),
  };
};

/** What AWS finds out only while it asks the other side makes a connection that has failed. */
export const CreateVpcPeeringConnection: Operation<'CreateVpcPeeringConnection'> = async (request, input) => {
  if (input.PeerVpcId === undefined) throw refusal('MissingParameter')('The request must contain the parameter peerVpcId');
  const peer = { account: input.PeerOwnerId ?? request.account, region: input.PeerRegion ?? request.region, vpc: input.PeerVpcId };
  const tags = tagsFor(input.TagSpecifications, 'vpc-peering-connection');
  const id = newId(request.random, 'pcx');
  const { account, region, now } = request;
  const made = await request.store.write(async (tx) => {
    const vpc = await requireResource(tx, request, vpcType, input.VpcId);
    const other = await vpcs.get(tx, peer.account, peer.region, peer.vpc);
    const near = peer.account === account && peer.region === region;
    if (!other && near) throw vpcType.notFound(peer.vpc);
    const known = (await peeringsOf(tx, request)).find((row) => isBetween(row, vpc.id, peer.vpc));
    if (known) return known;
    const cidrs = vpc.cidrs.map(({ cidr }) => cidr);
    const clash = other?.cidrs.some((one) => cidrs.some((mine) => overlaps(cidrOf(mine), cidrOf(one.cidr)))) === true;
    const fails = !other || clash || other.id === vpc.id;
    const row: Peering = {
      ...{ account, region, id, created: now, requester: { account, region, vpc: vpc.id, cidrs, ...cidrs6Of(vpc) } },
      accepter: { ...peer, cidrs: [] },
      state: fails ? 'failed' : 'pending-acceptance',
      message: `Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range`,
      expires: now + (fails ? shownMilliseconds : expiryMilliseconds),
      ...kept(tags),
    };
    const told = fails ? row : { ...row, message: messages['pending-acceptance'](row) };
    await peerings.put(tx, told);
    return told;
  });
  return { VpcPeeringConnection: peeringOf(made, request) };
};

const cidrs6Of = ({ ipv6 }: Vpc): Pick<PeeringSide, 'cidrs6'> => (ipv6 ? { cidrs6: ipv6.map(({ cidr }) => cidr) } : {});

function isBetween(row: Peering, one: string, other: string): boolean {
  const ends = [row.requester.vpc, row.accepter.vpc];
  return (row.state === 'active' || row.state === 'pending-acceptance') && ends.includes(one) && ends.includes(other);
}

async function requirePeering(tx: WriteTransaction, request: ServiceRequest, id: string): Promise<Peering> {
  const row = (await peeringsOf(tx, request)).find((one) => one.id === id);
  if (row) return row;
  checkId(peeringType, id);
  throw peeringType.notFound(id);
}

const isAccepter = ({ accepter }: Peering, { account, region }: ServiceRequest): boolean =>
  accepter.account === account && accepter.region === region;

export const AcceptVpcPeeringConnection: Operation<'AcceptVpcPeeringConnection'> = async (request, input) => {
  const accepted = await request.store.write(async (tx) => {
    const row = await requirePeering(tx, request, input.VpcPeeringConnectionId);
    if (row.state === 'active') return row;
    if (!isAccepter(row, request)) throw refusal('OperationNotPermitted')(`User ${request.account} cannot accept peering ${row.id}`);
    if (row.state !== 'pending-acceptance') throw wrongState(row);
    const vpc = await requireResource(tx, request, vpcType, row.accepter.vpc);
    const { expires: _expires, ...lasting } = row;
    const next: Peering = {
      ...lasting,
      state: 'active',
      message: messages.active(),
      accepter: { ...row.accepter, cidrs: vpc.cidrs.map(({ cidr }) => cidr), ...cidrs6Of(vpc) },
    };
    await peerings.put(tx, next);
    return next;
  });
  return { VpcPeeringConnection: peeringOf(accepted, request) };
};

const wrongState = (row: Peering) =>
  refusal('InvalidStateTransition')(`Invalid state transition for ${row.id}, attempted to transition from ${row.state}`);

export const RejectVpcPeeringConnection: Operation<'RejectVpcPeeringConnection'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requirePeering(tx, request, input.VpcPeeringConnectionId);
    if (!isAccepter(row, request)) throw refusal('OperationNotPermitted')(`User ${request.account} cannot reject peering ${row.id}`);
    if (row.state !== 'pending-acceptance') throw wrongState(row);
    await peerings.put(tx, { ...row, state: 'rejected', message: messages.rejected(row), expires: request.now + shownMilliseconds });
  });
  return { Return: true };
};

/** Either side may end it. */
export const DeleteVpcPeeringConnection: Operation<'DeleteVpcPeeringConnection'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const row = await requirePeering(tx, request, input.VpcPeeringConnectionId);
    if (row.state === 'deleted') return;
    if (row.state !== 'active' && row.state !== 'pending-acceptance' && row.state !== 'failed') throw wrongState(row);
    await peerings.put(tx, {
      ...row,
      state: 'deleted',
      message: `Deleted by ${request.account}`,
      expires: request.now + shownMilliseconds,
    });
  });
  return { Return: true };
};

export const ModifyVpcPeeringConnectionOptions: Operation<'ModifyVpcPeeringConnectionOptions'> = async (request, input) => {
  const { RequesterPeeringConnectionOptions: asRequester, AccepterPeeringConnectionOptions: asAccepter } = input;
  for (const options of [asRequester, asAccepter])
    if (options?.AllowEgressFromLocalClassicLinkToRemoteVpc === true || options?.AllowEgressFromLocalVpcToRemoteClassicLink === true)
      throw notBuilt('ModifyVpcPeeringConnectionOptions', 'ClassicLink');
  const row = await request.store.write(async (tx) => {
    const found = await requirePeering(tx, request, input.VpcPeeringConnectionId);
    if (found.state !== 'active') throw refusal('OperationNotPermitted')(`Peering pcx is not active.`.replace('pcx', found.id));
    const withDns = (side: PeeringSide, value: boolean | undefined): PeeringSide =>
      value === undefined ? side : { ...side, remoteDns: value };
    const next: Peering = {
      ...found,
      requester: withDns(found.requester, asRequester?.AllowDnsResolutionFromRemoteVpc),
      accepter: withDns(found.accepter, asAccepter?.AllowDnsResolutionFromRemoteVpc),
    };
    await peerings.put(tx, next);
    return next;
  });
  return {
    ...(asRequester && { RequesterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: row.requester.remoteDns ?? false } }),
    ...(asAccepter && { AccepterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: row.accepter.remoteDns ?? false } }),
  };
};
