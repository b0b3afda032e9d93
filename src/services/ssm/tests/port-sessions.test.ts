/** Sessions that lead to ports, through the SDK and over the WebSocket, as the session manager plugin speaks there, on a simulated machine. */

import assert from 'node:assert/strict';
import type { Duplex } from 'node:stream';
import { after, before, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import * as Iam from '@aws-sdk/client-iam';
import {
  DescribeSessionsCommand,
  SSMClient,
  StartSessionCommand,
  TerminateSessionCommand,
  type StartSessionCommandOutput,
} from '@aws-sdk/client-ssm';
import { WebSocket } from 'ws';
import { simulatedHost } from '../../../host/simulated/host.ts';
import { startCloud, type LiveCloud } from '../../../../tests/live-cloud.ts';
import { refused } from '../../../../tests/refused.ts';
import { decodeMessage, encodeMessage, payloadTypes, type AgentMessage } from '../sessions/agent-message.ts';
import { commands, encodeFrame, frameReader, type Frame } from '../sessions/smux.ts';

const host = simulatedHost();
const timeout = 300_000;
let cloud: LiveCloud;
let ec2: Ec2.EC2Client;
let ssm: SSMClient;
let Target: string;

before(async () => {
  cloud = await startCloud({ host });
  ec2 = cloud.client(Ec2.EC2Client);
  ssm = cloud.client(SSMClient);
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const asked = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
  Target = (await ec2.send(new Ec2.RunInstancesCommand(asked))).Instances![0]!.InstanceId!;
  await cloud.cloud.settled();
  host.machines.listen(Target, '7', (stream) => stream.pipe(stream));
  host.machines.listen(Target, '22', (stream) => void greet(stream));
  host.machines.listen(Target, 'db.internal:5432', (stream) => stream.end('a database'));
});
after(() => cloud.close());

/** Says who it is, and what it heard when the other end has no more to say. */
async function greet(stream: Duplex): Promise<void> {
  stream.write('SSH-2.0-test\r\n');
  let heard = '';
  for await (const piece of stream) heard += String(piece);
  stream.end(`heard ${heard}`);
}

type Plugin = {
  /** The first message of the server's, as JSON. */
  asked: Record<string, any>;
  send(payload: Buffer, payloadType?: number): void;
  /** Waits until what has come holds. */
  until<T>(look: (heard: Heard) => T | undefined | false): Promise<T>;
  closed: Promise<number>;
};
type Heard = { frames: Frame[]; text: string; flags: number[] };

/** Opens a channel and agrees with its other end, as the plugin does. */
async function join({ StreamUrl, TokenValue }: StartSessionCommandOutput): Promise<Plugin> {
  const socket = new WebSocket(StreamUrl!);
  const read = frameReader();
  const heard: Heard = { frames: [], text: '', flags: [] };
  const agreed = Promise.withResolvers<Record<string, any>>();
  const waiting = new Set<() => void>();
  let asked: Record<string, any> | undefined;
  let sequence = 0;
  const message = (more: Partial<AgentMessage>): Buffer =>
    encodeMessage({
      ...{
        type: 'input_stream_data',
        created: 1,
        sequence: 0,
        flags: 0,
        id: crypto.randomUUID(),
        payloadType: 0,
        payload: Buffer.alloc(0),
      },
      ...more,
    });
  const send: Plugin['send'] = (payload, payloadType = payloadTypes.output) =>
    socket.send(message({ sequence: sequence++, payloadType, payload }));
  const hear = ({ payloadType, payload }: AgentMessage): void => {
    if (payloadType === payloadTypes.handshakeRequest) {
      asked = JSON.parse(payload.toString()) as Record<string, any>;
      const ProcessedClientActions = [{ ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' }];
      send(Buffer.from(JSON.stringify({ ClientVersion: '1.2.677.0', ProcessedClientActions })), payloadTypes.handshakeResponse);
    } else if (payloadType === payloadTypes.handshakeComplete) agreed.resolve(asked!);
    else if (payloadType === payloadTypes.flag) heard.flags.push(payload.readUInt32BE(0));
    else if (asked!['RequestedClientActions'][0].ActionParameters.Properties.type === undefined) heard.text += payload.toString();
    else heard.frames.push(...read(payload));
  };
  socket.on('open', () => socket.send(JSON.stringify({ MessageSchemaVersion: '1.0', TokenValue, ClientId: 'test' })));
  socket.on('message', (data: Buffer) => {
    const got = decodeMessage(data)!;
    if (got.type !== 'output_stream_data') return;
    const told = { AcknowledgedMessageType: got.type, AcknowledgedMessageId: got.id, AcknowledgedMessageSequenceNumber: got.sequence };
    socket.send(message({ type: 'acknowledge', flags: 3, payload: Buffer.from(JSON.stringify(told)) }));
    hear(got);
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => {
    socket.on('error', () => resolve(0));
    socket.on('close', (code) => resolve(code));
  });
  const until: Plugin['until'] = (look) =>
    new Promise((resolve) => {
      const check = (): void => {
        const found = look(heard);
        if (found === undefined || found === false) return;
        waiting.delete(check);
        resolve(found as any);
      };
      waiting.add(check);
      check();
    });
  return { asked: await agreed.promise, send, until, closed };
}

const start = (DocumentName: string, Parameters?: Record<string, string[]>, client = ssm): Promise<StartSessionCommandOutput> =>
  client.send(new StartSessionCommand({ Target, DocumentName, ...(Parameters && { Parameters }) }));

/** What has come over one connection, and whether its other end has ended it. */
const said = ({ frames }: Heard, stream: number): { text: string; ended: boolean } => {
  const own = frames.filter((frame) => frame.stream === stream);
  return { text: Buffer.concat(own.map(({ data }) => data)).toString(), ended: own.some(({ command }) => command === commands.end) };
};

test('connections of a plugin reach a port side by side, in order, and each ends for itself', { timeout }, async () => {
  const plugin = await join(await start('AWS-StartPortForwardingSession', { portNumber: ['7'], localPortNumber: ['8080'] }));
  const [action] = plugin.asked['RequestedClientActions'];
  assert.deepEqual(action, {
    ActionType: 'SessionType',
    ActionParameters: { SessionType: 'Port', Properties: { portNumber: '7', localPortNumber: '8080', type: 'LocalPortForwarding' } },
  });
  assert.ok(plugin.asked['AgentVersion'] >= '3.1.1511.0', 'a version that multiplexes and keeps nothing alive');
  const piece = (stream: number, text: string): Buffer => encodeFrame(commands.data, stream, Buffer.from(text));
  plugin.send(Buffer.concat([encodeFrame(commands.open, 3), piece(3, 'one '), encodeFrame(commands.open, 5)]));
  // A frame may lie in two messages.
  const whole = piece(5, 'two');
  plugin.send(whole.subarray(0, 9));
  plugin.send(Buffer.concat([whole.subarray(9), encodeFrame(commands.keepAlive, 0), piece(3, 'three')]));
  await plugin.until((heard) => said(heard, 3).text === 'one three' && said(heard, 5).text === 'two');
  plugin.send(encodeFrame(commands.end, 3));
  plugin.send(piece(5, ' more'));
  await plugin.until((heard) => said(heard, 5).text === 'two more');
  const large = Buffer.alloc(600_000, 'x');
  for (let at = 0; at < large.length; at += 30_000) plugin.send(encodeFrame(commands.data, 5, large.subarray(at, at + 30_000)));
  await plugin.until((heard) => said(heard, 5).text.length === 'two more'.length + large.length);
  const terminate = Buffer.from([0, 0, 0, 2]);
  plugin.send(terminate, payloadTypes.flag);
  assert.equal(await plugin.closed, 1000);
});

test('a port where none listens is told, and what ends there ends here', { timeout }, async () => {
  const none = await join(await start('AWS-StartPortForwardingSession', { portNumber: ['81'] }));
  none.send(encodeFrame(commands.open, 1));
  await none.until((heard) => heard.flags.includes(3) && said(heard, 1).ended);
  const session = await start('AWS-StartPortForwardingSessionToRemoteHost', { host: ['db.internal'], portNumber: ['5432'] });
  const remote = await join(session);
  assert.equal(remote.asked['RequestedClientActions'][0].ActionParameters.Properties.host, 'db.internal');
  remote.send(encodeFrame(commands.open, 1));
  await remote.until((heard) => said(heard, 1).text === 'a database' && said(heard, 1).ended);
  const { Sessions } = await ssm.send(
    new DescribeSessionsCommand({ State: 'Active', Filters: [{ key: 'SessionId', value: session.SessionId! }] }),
  );
  assert.deepEqual(
    Sessions!.map((one) => [one.DocumentName, one.Status]),
    [['AWS-StartPortForwardingSessionToRemoteHost', 'Connected']],
  );
  await ssm.send(new TerminateSessionCommand({ SessionId: session.SessionId! }));
  assert.equal(await remote.closed, 1000);
  none.send(Buffer.from('no frame'));
  assert.equal(await none.closed, 1000);
});

test('SSH has one connection over its own input and output, which ends the session', { timeout }, async () => {
  const session = await join(await start('AWS-StartSSHSession'));
  assert.deepEqual(session.asked['RequestedClientActions'][0].ActionParameters.Properties, { portNumber: '22' });
  session.send(Buffer.from('SSH-2.0-client\r\n'));
  await session.until(({ text }) => text === 'SSH-2.0-test\r\n');
  await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [Target] }));
  assert.equal(await session.closed, 1000);
  await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [Target] }));
  await cloud.cloud.settled();
});

test('documents and parameters that there are not are refused, and who may use a document is asked', { timeout }, async () => {
  const forwarding = 'AWS-StartPortForwardingSession';
  await refused(start('AWS-StartInteractiveCommand', { command: ['top'] }), 'NotImplemented');
  const wrong: Record<string, string[]>[] = [
    { portNumber: ['0'] },
    { portNumber: ['65536'] },
    { portNumber: ['http'] },
    { portNumber: ['80', '81'] },
    { localPortNumber: ['-1'] },
    { host: ['db.internal'] },
  ];
  for (const Parameters of wrong) await refused(start(forwarding, Parameters), 'InvalidParameters');
  await refused(start(`${forwarding}ToRemoteHost`, { portNumber: ['80'] }), 'InvalidParameters');
  await refused(start(`${forwarding}ToRemoteHost`, { host: ['a b;c'] }), 'InvalidParameters');

  const iam = cloud.client(Iam.IAMClient);
  await iam.send(new Iam.CreateUserCommand({ UserName: 'forwarder' }));
  const { AccessKey } = await iam.send(new Iam.CreateAccessKeyCommand({ UserName: 'forwarder' }));
  const Resource = [`arn:aws:ec2:us-east-1:000000000000:instance/${Target}`, `arn:aws:ssm:us-east-1::document/${forwarding}`];
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'ssm:StartSession', Resource }] });
  await iam.send(new Iam.PutUserPolicyCommand({ UserName: 'forwarder', PolicyName: 'one', PolicyDocument }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  const forwarder = cloud.client(SSMClient, { credentials });
  assert.ok((await start(forwarding, undefined, forwarder)).TokenValue);
  await refused(start('AWS-StartSSHSession', undefined, forwarder), 'AccessDeniedException');
});
