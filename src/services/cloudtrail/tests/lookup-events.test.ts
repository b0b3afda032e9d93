/** The event history: who did what, found by one attribute, page by page. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CloudTrailClient,
  CreateTrailCommand,
  DescribeTrailsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListTrailsCommand,
  LookupEventsCommand,
  paginateLookupEvents,
  type Event,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { CreateAccessKeyCommand, CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { rootOf, startCloud, type Credentials, type LiveCloud } from '../../../../tests/live-cloud.ts';

let cloud: LiveCloud;
let trail: CloudTrailClient;
let carol: Credentials;
const home = '111122223333';

before(async () => {
  cloud = await startCloud();
  trail = cloud.client(CloudTrailClient, { credentials: rootOf(home) });
  const iam = cloud.client(IAMClient, { credentials: rootOf(home) });
  await iam.send(new CreateUserCommand({ UserName: 'carol' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'carol' }));
  carol = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
});
after(() => cloud.close());

async function lookup(input: LookupEventsCommandInput = {}): Promise<Event[]> {
  return (await trail.send(new LookupEventsCommand(input))).Events ?? [];
}

const by = (
  AttributeKey: 'EventName' | 'EventId' | 'Username' | 'ReadOnly' | 'AccessKeyId' | 'EventSource' | 'ResourceName',
  AttributeValue: string,
) => lookup({ LookupAttributes: [{ AttributeKey, AttributeValue }] });

test('a call is told with who, what, when, and without secrets', async () => {
  const [event] = await by('EventName', 'CreateAccessKey');
  assert.equal(event?.EventSource, 'iam.amazonaws.com');
  assert.equal(event?.Username, 'root');
  assert.equal(event?.ReadOnly, 'false');
  assert.equal(event?.EventTime?.getTime(), Math.floor(cloud.cloud.clock.now() / 1000) * 1000);
  const record = JSON.parse(event!.CloudTrailEvent!) as Record<string, any>;
  assert.equal(record['eventID'], event?.EventId);
  assert.equal(record['userIdentity']['type'], 'Root');
  assert.equal(record['requestParameters']['userName'] ?? record['requestParameters']['UserName'], 'carol');
  assert.equal(record['decision'], undefined);
  assert.ok(!event!.CloudTrailEvent!.includes(carol.secretAccessKey));
});

test('a denied call is told with its sentence', async () => {
  const iam = cloud.client(IAMClient, { credentials: carol });
  await assert.rejects(iam.send(new GetUserCommand({ UserName: 'carol' })), { name: 'AccessDenied' });
  const [event] = await by('EventName', 'GetUser');
  const record = JSON.parse(event!.CloudTrailEvent!) as Record<string, string>;
  assert.equal(record['errorCode'], 'AccessDenied');
  assert.match(record['errorMessage']!, /^User: arn:aws:iam::111122223333:user\/carol is not authorized to perform: iam:GetUser/);
  assert.equal(event?.Username, 'carol');
});

test('events are found by each attribute', async () => {
  await cloud.client(STSClient, { credentials: carol }).send(new GetCallerIdentityCommand({}));
  const [event] = await by('EventName', 'GetCallerIdentity');
  assert.deepEqual(
    (await by('EventId', event!.EventId!)).map(({ EventName }) => EventName),
    ['GetCallerIdentity'],
  );
  assert.ok((await by('AccessKeyId', carol.accessKeyId)).every(({ Username }) => Username === 'carol'));
  assert.ok((await by('Username', 'carol')).some(({ EventName }) => EventName === 'GetCallerIdentity'));
  assert.ok((await by('ReadOnly', 'false')).every(({ EventName }) => EventName!.startsWith('Create')));
  assert.ok((await by('EventSource', 'iam.amazonaws.com')).length >= 3);
  assert.ok((await by('ResourceName', 'carol')).some(({ EventName }) => EventName === 'CreateUser'));
  await assert.rejects(
    lookup({
      LookupAttributes: [
        { AttributeKey: 'EventName', AttributeValue: 'a' },
        { AttributeKey: 'EventId', AttributeValue: 'b' },
      ],
    }),
    { name: 'InvalidLookupAttributesException' },
  );
});

test('pages follow each other, newest first, and their tokens hold for one question', async () => {
  const names: string[] = [];
  const sizes: number[] = [];
  for await (const page of paginateLookupEvents(
    { client: trail, pageSize: 2 },
    { LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: 'iam.amazonaws.com' }] },
  )) {
    sizes.push(page.Events!.length);
    names.push(...page.Events!.map(({ EventId }) => EventId!));
  }
  assert.ok(sizes.length > 1 && sizes.every((size) => size <= 2));
  assert.equal(new Set(names).size, names.length);
  const { NextToken } = await trail.send(new LookupEventsCommand({ MaxResults: 1 }));
  await assert.rejects(lookup({ MaxResults: 1, NextToken, LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'x' }] }), {
    name: 'InvalidNextTokenException',
  });
  await assert.rejects(lookup({ NextToken: 'x' }), { name: 'InvalidNextTokenException' });
  await assert.rejects(lookup({ MaxResults: 51 }), { name: 'InvalidMaxResultsException' });
});

test('a time range bounds the answer', async () => {
  await cloud.advance(3_600_000);
  const now = cloud.cloud.clock.now();
  await cloud.client(STSClient, { credentials: rootOf(home) }).send(new GetCallerIdentityCommand({}));
  const late = await lookup({ StartTime: new Date(now - 60_000) });
  assert.ok(late.length > 0 && late.every(({ EventTime }) => EventTime!.getTime() >= now - 60_000));
  const early = await lookup({ EndTime: new Date(now - 60_000) });
  assert.ok(early.length > 0 && early.every(({ EventTime }) => EventTime!.getTime() < now - 60_000));
  await assert.rejects(lookup({ StartTime: new Date(now), EndTime: new Date(now - 1000) }), { name: 'InvalidTimeRangeException' });
});

test('each account and region sees its own events', async () => {
  const abroad = cloud.client(CloudTrailClient, { credentials: rootOf('444455556666') });
  assert.deepEqual(
    (
      await abroad.send(
        new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventSource', AttributeValue: 'iam.amazonaws.com' }] }),
      )
    ).Events,
    [],
  );
  const elsewhere = cloud.client(CloudTrailClient, { credentials: rootOf(home), region: 'eu-west-1' });
  assert.deepEqual(
    (await elsewhere.send(new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'CreateUser' }] })))
      .Events,
    [],
  );
});

test('the history needs permission', async () => {
  await assert.rejects(cloud.client(CloudTrailClient, { credentials: carol }).send(new LookupEventsCommand({})), {
    name: 'AccessDeniedException',
    message: /cloudtrail:LookupEvents/,
  });
});

test('there are no trails, and none can be made', async () => {
  assert.deepEqual((await trail.send(new DescribeTrailsCommand({}))).trailList, []);
  assert.deepEqual((await trail.send(new ListTrailsCommand({}))).Trails, []);
  await assert.rejects(trail.send(new GetTrailCommand({ Name: 'main' })), { name: 'TrailNotFoundException' });
  await assert.rejects(trail.send(new GetTrailStatusCommand({ Name: 'main' })), { name: 'TrailNotFoundException' });
  await assert.rejects(trail.send(new CreateTrailCommand({ Name: 'main', S3BucketName: 'b' })), {
    name: 'NotImplemented',
    message: /cloudtrail:CreateTrail/,
  });
});
