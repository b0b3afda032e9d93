/** The metadata service at 169.254.169.254: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */

import type { HttpRequest, HttpResponse } from '../../../framework/http-message.ts';
import type { NetworkResponse } from '../../../framework/networks.ts';
import type { ReconcilerContext } from '../../../framework/reconciler.ts';
import type { ReadTransaction } from '../../../store/store.ts';
import { userData } from '../instances/instance.ts';
import type { ShownInstance } from '../instances/description.ts';
import { keyPairs } from '../key-pairs/key-pair.ts';
import { privateDnsName } from '../network-interfaces/network-interface.ts';
import { metadataAddress } from '../network/plan.ts';
import type { Place } from '../resource.ts';
import { subnets } from '../subnets/subnet.ts';
import { firstBootScript } from '../user-data/first-boot.ts';
import { vpcs } from '../vpcs/vpc.ts';
import { callerAt } from './caller.ts';
import { roleCredentials, roleOfProfile } from './credentials.ts';
import { isToken, makeToken, metadataSecret, tokenSecondsMax } from './tokens.ts';
import { identityDocument, metadataTree, readTree, type Facts, type Folder } from './tree.ts';

type Means = Pick<ReconcilerContext, 'store' | 'clock' | 'random' | 'host' | 'awsAs' | 'log'>;

const port = 80;
/** Versions of the interface that AWS lists, oldest first. cloud-init asks for some of them by their names. */
const versions = [
  ...['1.0', '2007-01-19', '2007-03-01', '2007-08-29', '2007-10-10', '2007-12-15', '2008-02-01', '2008-09-01', '2009-04-04'],
  ...['2011-01-01', '2011-05-01', '2012-01-12', '2014-02-25', '2014-11-05', '2015-10-20', '2016-04-19', '2016-06-30', '2016-09-02'],
  ...['2018-03-28', '2018-08-17', '2018-09-24', '2019-10-01', '2020-10-27', '2021-01-03', '2021-03-23', '2021-07-15', '2022-09-24'],
  ...['2024-04-11', 'latest'],
];
const tokenHeader = 'x-aws-ec2-metadata-token';
const secondsHeader = 'x-aws-ec2-metadata-token-ttl-seconds';

/** Answers in a VPC from now on. Asking again changes nothing. Rejects when the network is not there. */
export async function serveMetadata(means: Means, place: Place & { vpc: string }): Promise<void> {
  const { host, log } = means;
  await host.networks.serveHttp({ vpc: place.vpc, address: metadataAddress, port }, async (request, from) => {
    try {
      return await answer(means, place, request, from);
    } catch (error) {
      log(`metadata for ${from} in ${place.vpc}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return refusal(500, 'Internal Server Error');
    }
  });
}

const text = (body: string | Buffer, more: Record<string, string> = {}): HttpResponse => ({
  status: 200,
  headers: { 'content-type': 'text/plain', 'content-length': String(Buffer.byteLength(body)), server: 'EC2ws', ...more },
  body,
});

function refusal(status: number, title: string): HttpResponse {
  const body = `<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>${status} - ${title}</title></head><body><h1>${status} - ${title}</h1></body></html>\n`;
  return { status, headers: { 'content-type': 'text/html', 'content-length': String(Buffer.byteLength(body)), server: 'EC2ws' }, body };
}

async function answer(means: Means, place: Place & { vpc: string }, request: HttpRequest, from: string): Promise<NetworkResponse> {
  const row = await means.store.read((tx) => callerAt(tx, place, place.vpc, from));
  if (!row) return refusal(404, 'Not Found');
  if (row.metadata.endpoint === 'disabled') return refusal(403, 'Forbidden');
  const [, version = '', ...rest] = request.rawPath.split('/');
  if (version === '') return text(versions.join('\n'));
  if (!versions.includes(version)) return refusal(404, 'Not Found');
  const path = rest.join('/');
  const secret = await metadataSecret(means.store, means.random);
  if (request.method === 'PUT') return { ...(await told(means, secret, row, request, path)), hops: row.metadata.hopLimit };
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Not Allowed');
  const token = request.headers[tokenHeader];
  if (token === undefined ? row.metadata.tokens === 'required' : !isToken(secret, token, row.id, means.clock.now()))
    return refusal(401, 'Unauthorized');
  const found = await lookUp(means, row, path);
  return found === undefined ? refusal(404, 'Not Found') : text(found);
}

/** What is told to who has no token yet. */
async function told(means: Means, secret: Buffer, row: ShownInstance, request: HttpRequest, path: string): Promise<HttpResponse> {
  if (path !== 'api/token' && path !== 'haneul/boot') return refusal(405, 'Not Allowed');
  const token = newToken(means, secret, row, request);
  if (token.status !== 200 || path === 'api/token') return token;
  return text(await bootFacts(means, row, token.body as string));
}

/**
 * For the first process of our own images, in one answer: a token, and what it would ask for by it. To a kernel without hardware of its
 * own every program is dear, and a question is three.
 */
async function bootFacts({ store, host }: Means, row: ShownInstance, token: string): Promise<string> {
  const { facts } = await store.read((tx) => factsOf(tx, row));
  const authority = await host.networks.authority();
  const lines = [
    `token ${token}`,
    `instance-id ${row.id}`,
    `local-hostname ${privateDnsName(row.privateAddress, row.region)}`,
    ...(facts.key ? [`public-key ${facts.key.text} ${facts.key.name}`] : []),
    ...authority
      .trimEnd()
      .split('\n')
      .map((line) => `authority ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

/** A request that came over a proxy is refused: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-v2-how-it-works.html */
function newToken({ random, clock }: Means, secret: Buffer, row: ShownInstance, request: HttpRequest): HttpResponse {
  if (request.headers['x-forwarded-for'] !== undefined) return refusal(403, 'Forbidden');
  const seconds = Number(request.headers[secondsHeader]);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > tokenSecondsMax) return refusal(400, 'Bad Request');
  const token = makeToken(secret, random, row.id, clock.now() + seconds * 1000);
  return text(token, { [secondsHeader]: String(seconds) });
}

async function lookUp(means: Means, row: ShownInstance, path: string): Promise<string | Buffer | undefined> {
  const known = await means.store.read((tx) => factsOf(tx, row));
  if (path === 'user-data') return known.data;
  // For the first process of our own images; no folder lists it.
  if (path === 'haneul/first-boot') return known.data && firstBootScript(known.data);
  // For those images too: who vouches for the names of services in here.
  if (path === 'haneul/authority') return means.host.networks.authority();
  const role = path.startsWith('meta-data/iam') ? await roleOfProfile(means, row) : undefined;
  const { profile } = row;
  const facts: Facts = {
    ...known.facts,
    ...(role && { role: { name: role.name, credentials: () => roleCredentials(means, row, role) } }),
    ...(profile && { profile: async () => profileInfo(means, profile) }),
  };
  const tree: Folder = {
    dynamic: { 'instance-identity': { document: identityDocument(row) } },
    'meta-data': metadataTree(facts),
    ...(known.data && { 'user-data': '' }),
  };
  return readTree(tree, path);
}

function profileInfo({ clock }: Means, { arn, id }: { arn: string; id: string }): string {
  const LastUpdated = `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
  return JSON.stringify({ Code: 'Success', LastUpdated, InstanceProfileArn: arn, InstanceProfileId: id }, null, 2);
}

async function factsOf(tx: ReadTransaction, row: ShownInstance): Promise<{ facts: Facts; data: Buffer | undefined }> {
  const { account, region } = row;
  const key = row.keyName === undefined ? undefined : await keyPairs.find(tx, 'name', account, region, row.keyName);
  const subnet = await subnets.get(tx, account, region, row.subnet);
  const vpc = await vpcs.get(tx, account, region, row.vpc);
  const data = (await userData.get(tx, row.id))?.data;
  return {
    facts: {
      ...{ row, reservation: row.reservation, subnetCidr: subnet?.cidr ?? '', vpcCidrs: vpc?.cidrs.map(({ cidr }) => cidr) ?? [] },
      ipv6Cidrs: { subnet: subnet?.ipv6 ? [subnet.ipv6.cidr] : [], vpc: (vpc?.ipv6 ?? []).map(({ cidr }) => cidr) },
      ...(key && { key: { name: key.name, text: key.publicKey } }),
    },
    data: data === undefined ? undefined : Buffer.from(data, 'base64'),
  };
}
