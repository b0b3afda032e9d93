/** Global tables across two Haneuls: each has regions of its own, and tells the other with signed messages. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as D from '@aws-sdk/client-dynamodb';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import type { Peers } from '../../../framework/peers.ts';
import { openPeers, parsePeer } from '../../../host/peers.ts';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { callsIn, home } from './replicated.ts';

const west = 'eu-west-1';
const tokyo = 'ap-northeast-1';
const hour = 3_600_000;

/** Two clouds that know each other once both are up; a stopped one is another process's absence: nothing answers at its port. */
let [one, two]: LiveCloud[] = [];
const known: Record<'one' | 'two', Peers | undefined> = { one: undefined, two: undefined };

function hostOf(name: 'one' | 'two', regions: string[]): ReturnType<typeof simulatedHost> {
  const peers: Peers = { regions: new Set(regions), send: (region, page, body) => known[name]!.send(region, page, body) };
  return { ...simulatedHost(), peers };
}

const peersAt = (cloud: LiveCloud, regions: string[], key = 'test:test'): Peers =>
  openPeers(regions.map((region) => parsePeer(`${region}=http://${key}@127.0.0.1:${cloud.port}`)));

before(async () => {
  one = await startCloud({ host: hostOf('one', [west]) });
  two = await startCloud({ host: hostOf('two', [home, tokyo]) });
  known.one = peersAt(two, [west]);
  known.two = peersAt(one, [home, tokyo]);
});
after(async () => {
  await one!.close();
  await two!.close();
});

const cloudOf = (region: string): LiveCloud => (region === west ? two! : one!);
const clients = new Map<string, D.DynamoDBClient>();

function at(region: string): D.DynamoDBClient {
  const { endpoint } = cloudOf(region);
  const client = clients.get(region + endpoint) ?? cloudOf(region).client(D.DynamoDBClient, { region });
  clients.set(region + endpoint, client);
  return client;
}

const { create, update, replicate, put, putMany, describe } = callsIn(at);

async function contents(TableName: string, region: string): Promise<Record<string, string>> {
  const { Items } = await at(region).send(new D.ScanCommand({ TableName }));
  return Object.fromEntries(Items!.map(({ id, text }) => [id!.S!, text!.S!]).toSorted());
}

/** Lets both say what they have to say: what one hears may be news for the other. */
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) for (const cloud of [one!, two!]) await cloud.advance(1_000);
}

async function agreed(name: string, ...regions: string[]): Promise<Record<string, string>> {
  await settled();
  const first = await contents(name, regions[0]!);
  for (const region of regions) assert.deepEqual(await contents(name, region), first, region);
  return first;
}

test('a replica in another Haneul is made, filled and kept alike in both directions', async () => {
  await create('far');
  await putMany('far', home, 'old', 150);
  await replicate('far', tokyo);
  await replicate('far', west);
  assert.equal(Object.keys(await agreed('far', home, tokyo, west)).length, 150);
  for (const region of [home, tokyo, west]) {
    const { Replicas } = await describe('far', region);
    assert.deepEqual(
      Replicas!.map(({ RegionName, ReplicaStatus }) => `${RegionName} ${ReplicaStatus}`).toSorted(),
      [home, tokyo, west]
        .filter((other) => other !== region)
        .map((other) => `${other} ACTIVE`)
        .toSorted(),
    );
  }
  await put('far', west, 'from-west', 'w');
  await put('far', tokyo, 'from-tokyo', 't');
  await at(west).send(new D.DeleteItemCommand({ TableName: 'far', Key: { id: { S: 'old-1' } } }));
  const all = await agreed('far', home, tokyo, west);
  assert.deepEqual([all['from-west'], all['from-tokyo'], all['old-1']], ['w', 't', undefined]);
});

test('settings that are shared go to the other Haneul', async () => {
  await update('far', {
    AttributeDefinitions: [{ AttributeName: 'text', AttributeType: 'S' }],
    GlobalSecondaryIndexUpdates: [
      { Create: { IndexName: 'by-text', KeySchema: [{ AttributeName: 'text', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } } },
    ],
  });
  const TimeToLiveSpecification = { AttributeName: 'until', Enabled: true };
  await at(west).send(new D.UpdateTimeToLiveCommand({ TableName: 'far', TimeToLiveSpecification }));
  await settled();
  const asked = { TableName: 'far', IndexName: 'by-text', KeyConditionExpression: '#t = :w', ExpressionAttributeNames: { '#t': 'text' } };
  const { Items } = await at(west).send(new D.QueryCommand({ ...asked, ExpressionAttributeValues: { ':w': { S: 'w' } } }));
  assert.equal(Items!.length, 1);
  for (const region of [home, tokyo, west]) {
    const { TimeToLiveDescription: ttl } = await at(region).send(new D.DescribeTimeToLiveCommand({ TableName: 'far' }));
    assert.equal(ttl!.AttributeName, 'until', region);
  }
});

test('while the other Haneul is stopped writes go on here, and it catches up on its return; the last writer wins', async () => {
  await put('far', home, 'both', 'before');
  await agreed('far', home, west);
  await put('far', west, 'both', 'written in west and not told yet');
  const { dataDirectory } = two!;
  await two!.close({ keep: true });
  await putMany('far', home, 'new', 120);
  await one!.advance(10_000);
  await put('far', tokyo, 'both', 'later');
  await one!.advance(1_000);
  two = await startCloud({ host: hostOf('two', [home, tokyo]), dataDirectory });
  known.one = peersAt(two, [west]);
  const all = await agreed('far', home, tokyo, west);
  assert.equal(Object.keys(all).filter((id) => id.startsWith('new-')).length, 120);
  assert.equal(all['both'], 'later');
});

test('a replica is deleted from the other side, and a table that goes is forgotten there', async () => {
  await update('far', { ReplicaUpdates: [{ Delete: { RegionName: west } }] });
  await settled();
  await refused(describe('far', west), 'ResourceNotFoundException');
  assert.deepEqual(
    (await describe('far', home)).Replicas!.map(({ RegionName }) => RegionName),
    [tokyo],
  );
  await create('leaver', {}, west);
  await replicate('leaver', home, west);
  await put('leaver', west, 'a', '1');
  assert.deepEqual(await agreed('leaver', home, west), { a: '1' });
  await at(home).send(new D.DeleteTableCommand({ TableName: 'leaver' }));
  await settled();
  assert.equal((await describe('leaver', west)).Replicas, undefined);
  await replicate('leaver', home, west);
  assert.deepEqual(await agreed('leaver', home, west), { a: '1' });
});

test('what the other Haneul refuses ends in CREATION_FAILED, which says why, and may be taken away', async () => {
  await create('taken');
  await create('taken', {}, west);
  await replicate('taken', west);
  await settled();
  const [replica] = (await describe('taken', home)).Replicas!;
  assert.deepEqual([replica!.RegionName, replica!.ReplicaStatus], [west, 'CREATION_FAILED']);
  assert.match(replica!.ReplicaStatusDescription!, /exists in eu-west-1/);
  await update('taken', { ReplicaUpdates: [{ Delete: { RegionName: west } }] });
  await settled();
  assert.equal((await describe('taken', home)).Replicas, undefined);
  assert.equal((await describe('taken', west)).TableStatus, 'ACTIVE');
});

test('messages of strangers, of keys without permission, and about tables of other accounts are refused', async () => {
  const page = 'dynamodb/replication';
  const message = JSON.stringify({ account: '000000000000', name: 'leaver', from: home, kind: 'items', states: [], isFilled: false });
  const say = async (key: string, body = message): Promise<number> => (await peersAt(two!, [west], key).send(west, page, body)).status;
  assert.equal(await say('test:test'), 200);
  assert.equal(await say('test:wrong'), 400);
  const iam = two!.client(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: 'peer' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'peer' }));
  const key = `${AccessKey!.AccessKeyId}:${encodeURIComponent(AccessKey!.SecretAccessKey!)}`;
  assert.equal(await say(key), 400);
  const Statement = { Effect: 'Allow', Action: 'dynamodb:WriteDataForReplication', Resource: '*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: 'peer', PolicyName: 'p', PolicyDocument }));
  assert.equal(await say(key), 200);
  assert.equal(await say(key, message.replace('"items"', '"delete"')), 400);
  assert.equal(await say('111111111111:test'), 409);
  assert.equal(await say('test:test', 'nonsense'), 400);
  const forever = '[{"version":{"time":1e300,"region":"z"},"json":"{}"}]';
  assert.equal(await say('test:test', message.replace('"states":[]', `"states":${forever}`)), 400);
  assert.equal(await say('test:test', message.replace('leaver', 'nobody')), 404);
  const unsigned = await fetch(`${two!.endpoint}/_aws/${page}`, { method: 'POST', body: message });
  assert.ok(unsigned.status >= 400);
});

test('peers are told in one form, and in the clear on this machine alone', () => {
  assert.throws(() => parsePeer('eu-west-1=http://k:s3cret@cloud.example:4566'), /in the clear/);
  assert.throws(() => parsePeer('eu-west-1=https://cloud.example:4566'), /KEY:SECRET/);
  assert.throws(
    () => parsePeer('nowhere'),
    (error: Error) => !error.message.includes('s3cret'),
  );
  assert.equal(parsePeer('eu-west-1=https://k:s3cret@cloud.example:4566').endpoint.href, 'https://cloud.example:4566/');
});

test('a clock that was moved there does not matter: a write that has seen another is later than it', async () => {
  await two!.advance(5 * hour);
  await put('leaver', west, 'clock', 'from the future');
  await agreed('leaver', home, west);
  await put('leaver', home, 'clock', 'has seen it');
  assert.equal((await agreed('leaver', home, west))['clock'], 'has seen it');
});
