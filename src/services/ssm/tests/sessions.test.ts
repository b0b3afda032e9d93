/** Sessions on an instance, through the SDK and over the WebSocket that it names, on a simulated machine. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Iam from '@aws-sdk/client-iam';
import * as Ssm from '@aws-sdk/client-ssm';
import { SSMClient, StartSessionCommand, TerminateSessionCommand, type StartSessionCommandOutput } from '@aws-sdk/client-ssm';
import { WebSocket } from 'ws';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { decodeMessage, encodeMessage, payloadTypes, type AgentMessage } from '../sessions/agent-message.ts';

const host = simulatedHost();
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let ssm: SSMClient;
let Target: string;

before(async () => {
  cloud = await startCloud({ host });
  ec2 = cloud.client(Ec2.EC2Client);
  ssm = cloud.client(SSMClient);
  Target = await launch();
});
after(() => cloud.close());

async function launch(): Promise<string> {
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const asked = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(asked));
  await cloud.cloud.settled();
  return Instances![0]!.InstanceId!;
}

type Guest = {
  socket: WebSocket;
  type(text: string): void;
  send(payloadType: number, payload: string, sequence?: number): void;
  /** Resolves when the terminal has shown this. */
  shows(text: string): Promise<void>;
  acknowledged: number[];
  closed: Promise<{ code: number; reason: string; shown: string }>;
};

function acknowledgement({ type, id, sequence }: AgentMessage): AgentMessage {
  const payload = Buffer.from(
    JSON.stringify({ AcknowledgedMessageType: type, AcknowledgedMessageId: id, AcknowledgedMessageSequenceNumber: sequence }),
  );
  return { type: 'acknowledge', created: 1, sequence: 0, flags: 3, id: crypto.randomUUID(), payloadType: 0, payload };
}

/** Opens a session's channel as the plugin of the AWS CLI does. */
function join(
  { StreamUrl, TokenValue }: StartSessionCommandOutput,
  options: { origin?: string; first?: string; deaf?: boolean } = {},
): Guest {
  const socket = new WebSocket(StreamUrl!, { ...(options.origin !== undefined && { origin: options.origin }) });
  let shown = '';
  let sequence = 0;
  const acknowledged: number[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((check) => check());
  socket.on('open', () => socket.send(options.first ?? JSON.stringify({ MessageSchemaVersion: '1.0', TokenValue, ClientId: 'test' })));
  socket.on('message', (data: Buffer) => {
    const message = decodeMessage(data)!;
    if (message.type === 'output_stream_data') {
      shown += message.payload.toString();
      if (!options.deaf) socket.send(encodeMessage(acknowledgement(message)));
    }
    if (message.type === 'acknowledge') {
      const { AcknowledgedMessageSequenceNumber } = JSON.parse(message.payload.toString()) as { AcknowledgedMessageSequenceNumber: number };
      acknowledged.push(AcknowledgedMessageSequenceNumber);
    }
    look();
  });
  const closed = new Promise<{ code: number; reason: string; shown: string }>((resolve) => {
    socket.on('error', (error) => resolve({ code: 0, reason: error.message, shown }));
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString(), shown }));
  });
  const send = (payloadType: number, payload: string, given?: number): void => {
    const message: AgentMessage = {
      ...{ type: 'input_stream_data', created: 1, sequence: given ?? sequence++, flags: 0 },
      ...{ id: crypto.randomUUID(), payloadType, payload: Buffer.from(payload) },
    };
    socket.send(encodeMessage(message));
  };
  const shows = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!shown.includes(text)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { socket, acknowledged, closed, send, shows, type: (text) => send(payloadTypes.output, text) };
}

const start = (input: object = {}): Promise<StartSessionCommandOutput> => ssm.send(new StartSessionCommand({ Target, ...input }));

test(
  'a session is a terminal: it shows what is typed, takes sizes, takes nothing twice, and ends with its shell',
  { timeout: 60_000 },
  async () => {
    const session = await start({ Reason: 'to look' });
    assert.match(session.SessionId!, /^root-[0-9a-f]{17}$/);
    const guest = join(session);
    await guest.shows('# ');
    guest.send(payloadTypes.size, '{"cols":132,"rows":43}');
    guest.type('stty size\r');
    await guest.shows('43 132');
    guest.type('uptime\r');
    guest.send(payloadTypes.output, 'twice\r', 2);
    guest.send(payloadTypes.size, '{"cols":-1,"rows":1e9}');
    guest.type('stty size\rexit\r');
    const { code, shown } = await guest.closed;
    assert.equal(code, 1000);
    assert.equal(shown.split('43 132').length, 3, 'what is no size changes nothing');
    assert.ok(shown.includes('ran uptime') && !shown.includes('twice'));
    assert.deepEqual(guest.acknowledged.slice(0, 4), [0, 1, 2, 2]);
  },
);

test('a token opens its session once, in time, and no other token does', { timeout: 60_000 }, async () => {
  const session = await start();
  assert.equal((await join({ ...session, TokenValue: `${session.TokenValue}x` }).closed).code, 1008);
  assert.equal((await join(session, { first: 'not JSON' }).closed).code, 1008);
  assert.equal((await join(session, { first: '{"TokenValue":7}' }).closed).code, 1008);
  const guest = join(session);
  await guest.shows('# ');
  assert.equal((await join(session).closed).code, 1008);
  guest.socket.close();
  await guest.closed;
  const late = await start();
  await cloud.advance(11 * 60_000);
  assert.equal((await join(late).closed).code, 1008);
  const elsewhere = { ...late, StreamUrl: late.StreamUrl!.replace(late.SessionId!, 'root-00000000000000000') };
  assert.equal((await join(elsewhere).closed).code, 1008);
});

test(
  'pages of other sites and what is no WebSocket are refused; what is too long or no message ends nothing but itself',
  { timeout: 60_000 },
  async () => {
    const session = await start();
    assert.match((await join(session, { origin: 'https://example.com' }).closed).reason, /403/);
    const plain = await fetch(session.StreamUrl!.replace(/^ws/, 'http'));
    assert.equal(plain.status, 426);
    const guest = join(session);
    await guest.shows('# ');
    guest.socket.send(Buffer.from('nothing that one could read'));
    guest.type('still here\r');
    await guest.shows('ran still here');
    guest.socket.send(Buffer.alloc(65 * 1024));
    assert.equal((await guest.closed).code, 1009);
    const unknown = await fetch(session.StreamUrl!.replace(/^ws/, 'http').replace(/\/data-channel\/.*/, '/nothing'));
    assert.equal(unknown.status >= 400, true);
  },
);

test('who does not acknowledge what is shown is shown no more than a little of it', { timeout: 60_000 }, async () => {
  const session = await start();
  const guest = join(session, { deaf: true });
  await guest.shows('# ');
  for (let count = 0; count < 200; count++) guest.type(`${count}\r`);
  guest.type('exit\r');
  while (guest.acknowledged.length < 201) await new Promise((resolve) => guest.socket.once('message', resolve));
  guest.socket.close();
  const { shown } = await guest.closed;
  assert.ok(shown.includes('ran 0') && !shown.includes('ran 199'));
});

test('an ended session and a stopped instance close the terminal', { timeout: 60_000 }, async () => {
  const session = await start();
  const guest = join(session);
  await guest.shows('# ');
  const { SessionId } = await ssm.send(new TerminateSessionCommand({ SessionId: session.SessionId }));
  assert.equal(SessionId, session.SessionId);
  assert.equal((await guest.closed).code, 1000);
  const history = await ssm.send(new Ssm.DescribeSessionsCommand({ State: 'History', Filters: [{ key: 'SessionId', value: SessionId }] }));
  assert.deepEqual(
    history.Sessions!.map((one) => [one.SessionId, one.Target, one.Status]),
    [[SessionId, Target, 'Terminated']],
  );
  await refused(ssm.send(new TerminateSessionCommand({ SessionId: 'root-00000000000000000' })), 'DoesNotExistException');
  const second = join(await start());
  await second.shows('# ');
  const active = await ssm.send(new Ssm.DescribeSessionsCommand({ State: 'Active', MaxResults: 1 }));
  assert.deepEqual(
    active.Sessions!.map((one) => [one.Target, one.Status, one.DocumentName]),
    [[Target, 'Connected', 'SSM-SessionManagerRunShell']],
  );
  assert.equal((await ssm.send(new Ssm.GetConnectionStatusCommand({ Target }))).Status, 'connected');
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [Target] }));
  assert.equal((await second.closed).code, 1000);
  await cloud.cloud.settled();
  await refused(start(), 'TargetNotConnected');
  assert.equal((await ssm.send(new Ssm.GetConnectionStatusCommand({ Target }))).Status, 'notconnected');
  await refused(start({ Target: 'i-00000000000000000' }), 'TargetNotConnected');
  await refused(start({ Target: 'web server' }), 'ValidationException');
  await refused(start({ Target, DocumentName: 'AWS-StartInteractiveCommand' }), 'NotImplemented');
});

test('who may not start a session on this instance is denied, and the trail says so', { timeout: 60_000 }, async () => {
  const iam = cloud.client(Iam.IAMClient);
  Target = await launch();
  const other = await launch();
  await iam.send(new Iam.CreateUserCommand({ UserName: 'typist' }));
  const { AccessKey } = await iam.send(new Iam.CreateAccessKeyCommand({ UserName: 'typist' }));
  const Resource = `arn:aws:ec2:us-east-1:000000000000:instance/${Target}`;
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ssm:StartSession', Resource }] });
  await iam.send(new Iam.PutUserPolicyCommand({ UserName: 'typist', PolicyName: 'one', PolicyDocument }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const typist = cloud.client(SSMClient, { credentials });
  await refused(typist.send(new StartSessionCommand({ Target: other })), 'AccessDeniedException');
  const session = await typist.send(new StartSessionCommand({ Target }));
  assert.match(session.SessionId!, /^typist-/);
  await refused(typist.send(new TerminateSessionCommand({ SessionId: session.SessionId })), 'AccessDeniedException');
  await cloud.cloud.audit.flush();
  const { events } = await cloud.cloud.audit.lookup({ account: '000000000000', region: 'us-east-1', limit: 50 });
  const started = events.filter(({ eventName, userIdentity }) => eventName === 'StartSession' && userIdentity['userName'] === 'typist');
  assert.deepEqual(new Set(started.map(({ errorCode }) => errorCode)), new Set([undefined, 'AccessDeniedException']));
  assert.ok(!JSON.stringify(events).includes(session.TokenValue!), 'the token is in no trail');
});

const documentOf = (...commands: string[]) => ({ DocumentName: 'AWS-RunShellScript', Parameters: { commands } });
const send = async (input: Partial<Ssm.SendCommandCommandInput>): Promise<string> =>
  (await ssm.send(new Ssm.SendCommandCommand({ InstanceIds: [Target], ...documentOf('uptime'), ...input }))).Command!.CommandId!;

/** As scripts do, waits for an end: the runner looks each second of real time. */
async function ended(CommandId: string, InstanceId = Target): Promise<Ssm.GetCommandInvocationCommandOutput> {
  for (;;) {
    const found = await ssm.send(new Ssm.GetCommandInvocationCommand({ CommandId, InstanceId }));
    if (!['Pending', 'InProgress', 'Cancelling'].includes(found.Status!)) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function begun(CommandId: string): Promise<void> {
  for (;;) {
    const { Status } = await ssm.send(new Ssm.GetCommandInvocationCommand({ CommandId, InstanceId: Target }));
    if (Status === 'InProgress') return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test(
  'a command runs as a script on the instances that are named or tagged, and its output and code are told',
  { timeout: 120_000 },
  async () => {
    Target = await launch();
    const other = await launch();
    await ec2.send(new Ec2.CreateTagsCommand({ Resources: [Target, other], Tags: [{ Key: 'fleet', Value: 'web' }] }));
    const first = await ended(await send({ Comment: 'look', ...documentOf('uptime', 'df') }));
    assert.deepEqual([first.Status, first.ResponseCode, first.StandardOutputContent], ['Success', 0, 'ran uptime\nran df\n']);
    assert.equal(host.scripts.begun(Target).length, 0, 'nothing of it is left inside');
    const failed = await ended(await send(documentOf('exit 3')));
    assert.deepEqual([failed.Status, failed.ResponseCode], ['Failed', 3]);
    assert.match(failed.StandardErrorContent!, /failed to run commands: exit status 3/);

    const Targets = [{ Key: 'tag:fleet', Values: ['web'] }];
    const id = await send({ InstanceIds: undefined, Targets });
    for (const InstanceId of [Target, other]) assert.equal((await ended(id, InstanceId)).Status, 'Success');
    const { Commands } = await ssm.send(new Ssm.ListCommandsCommand({ CommandId: id }));
    assert.deepEqual(
      Commands!.map((one) => [one.Status, one.TargetCount, one.CompletedCount, one.ErrorCount]),
      [['Success', 2, 2, 0]],
    );
    const { CommandInvocations } = await ssm.send(new Ssm.ListCommandInvocationsCommand({ CommandId: id, Details: true }));
    assert.deepEqual(
      CommandInvocations!.map((one) => [one.Status, one.CommandPlugins![0]!.Output]),
      [
        ['Success', 'ran uptime\n'],
        ['Success', 'ran uptime\n'],
      ],
    );
    const own = { CommandId: id, MaxResults: 1 };
    const { NextToken, ...latest } = await ssm.send(new Ssm.ListCommandInvocationsCommand(own));
    const earlier = await ssm.send(new Ssm.ListCommandInvocationsCommand({ ...own, NextToken }));
    const shown = [latest, earlier].flatMap((one) => one.CommandInvocations!.map(({ InstanceId }) => InstanceId!));
    assert.deepEqual(shown.toSorted(), [Target, other].toSorted());
    const page = await ssm.send(new Ssm.ListCommandsCommand({ MaxResults: 1 }));
    const next = await ssm.send(new Ssm.ListCommandsCommand({ MaxResults: 1, NextToken: page.NextToken }));
    assert.notEqual(page.Commands![0]!.CommandId, next.Commands![0]!.CommandId);
  },
);

test('a command ends when its time is over or it is cancelled, and waits for no instance for ever', { timeout: 120_000 }, async () => {
  const parameters = { commands: ['sleep 1000'], executionTimeout: ['60'] };
  const late = await send({ Parameters: parameters });
  await begun(late);
  await cloud.advance(61_000);
  const over = await ended(late);
  assert.deepEqual([over.Status, over.StatusDetails, over.ResponseCode], ['TimedOut', 'Execution Timed Out', 137]);
  const dropped = await send({ Parameters: parameters });
  await begun(dropped);
  await ssm.send(new Ssm.CancelCommandCommand({ CommandId: dropped }));
  assert.equal((await ended(dropped)).Status, 'Cancelled');
  await ssm.send(new Ssm.CancelCommandCommand({ CommandId: dropped }));
  const lost = await send({ Parameters: parameters });
  await begun(lost);
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [Target] }));
  await cloud.cloud.settled();
  assert.equal((await ended(lost)).Status, 'Failed');
  await refused(send({}), 'InvalidInstanceId');
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [Target] }));
  await cloud.cloud.settled();
});

test('what Run Command does not know is refused, and nodes are the instances that run', { timeout: 120_000 }, async () => {
  await refused(send({ DocumentName: 'mine' }), 'InvalidDocument');
  await refused(send({ DocumentName: 'AWS-RunPowerShellScript' }), 'NotImplemented');
  await refused(send({ Parameters: {} }), 'InvalidParameters');
  await refused(send({ Parameters: { commands: ['x'], executionTimeout: ['never'] } }), 'InvalidParameters');
  await refused(send({ OutputS3BucketName: 'bucket' }), 'NotImplemented');
  await refused(send({ InstanceIds: [] }), 'ValidationException');
  const unknown = '00000000-0000-0000-0000-000000000000';
  await refused(ssm.send(new Ssm.GetCommandInvocationCommand({ CommandId: unknown, InstanceId: Target })), 'InvocationDoesNotExist');
  await refused(ssm.send(new Ssm.CancelCommandCommand({ CommandId: unknown })), 'InvalidCommandId');
  const Filters = [{ Key: 'InstanceIds', Values: [Target] }];
  const { InstanceInformationList } = await ssm.send(new Ssm.DescribeInstanceInformationCommand({ Filters }));
  assert.deepEqual(
    InstanceInformationList!.map((one) => [one.InstanceId, one.PingStatus, one.PlatformType]),
    [[Target, 'Online', 'Linux']],
  );
  const none = await ssm.send(new Ssm.DescribeInstanceInformationCommand({ Filters: [{ Key: 'PlatformTypes', Values: ['Windows'] }] }));
  assert.deepEqual(none.InstanceInformationList, []);
});
