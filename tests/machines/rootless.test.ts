/** Instances of an ordinary user: real machines on real networks, in namespaces of his own, without root of this machine. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, suite, test, type TestContext } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { eventually, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { bestEmulator } from '../../src/host/machines/virtual/emulators.ts';
import { haneul as haneulCommand, start, up, type RunningHaneul } from '../journeys/running-haneul.ts';
import { makeOrdinaryUser, obstacleFor, processesOf, type OrdinaryUser } from './ordinary-user.ts';

const port = 8080;
const userData = `#!/bin/sh
mkdir -p /srv && echo "here is $(hostname)" > /srv/words
(while :; do nc -l -p ${port} < /srv/words; done) > /dev/null 2>&1 &
echo user data is done
`;
const emulatorMissing = (await bestEmulator()) === undefined && 'SKIPPED: an ordinary user needs an emulator: install user-mode-linux';

void suite('instances of an ordinary user', { skip: needsRoot ?? emulatorMissing }, () => {
  let user: OrdinaryUser;
  let obstacle: string | undefined;
  let haneul: RunningHaneul;
  let ec2: Ec2.EC2Client;
  const ids: string[] = [];

  before(async () => {
    user = await makeOrdinaryUser();
    obstacle = await obstacleFor(user);
    if (obstacle !== undefined) process.stderr.write(`instances of ordinary users are NOT TESTED here: ${obstacle}\n`);
    else await begin();
  });
  after(async () => {
    if (obstacle === undefined) {
      if (haneul.hasEnded()) await begin();
      await haneulCommand(user, 'reset', '--yes');
      await haneul.stop();
      await eventually(async () => (await processesOf(user)).length === 0);
    }
    await user.remove();
  });

  const begin = async (): Promise<void> => {
    haneul = await up(user);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    ec2 = new Ec2.EC2Client({ endpoint: haneul.endpoint, region: 'us-east-1', credentials });
  };
  const isSkipped = (t: TestContext): boolean => {
    if (obstacle !== undefined) t.skip(obstacle);
    return obstacle !== undefined;
  };
  const look = async (id: string): Promise<Ec2.Instance> =>
    (await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
  const launch = async (input: Partial<Ec2.RunInstancesCommandInput>): Promise<string> => {
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, ...input };
    const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(wanted));
    ids.push(Instances![0]!.InstanceId!);
    return ids.at(-1)!;
  };
  const state = (id: string, wanted: string): Promise<Ec2.Instance> =>
    eventually(async () => {
      const row = await look(id);
      return row.State!.Name === wanted && row;
    });
  const ask = async (id: string, command: string): Promise<string> =>
    (await haneulCommand(user, 'shell', id, '--', 'sh', '-c', command)).stdout.trim();
  const running = async (id: string): Promise<string> =>
    readFile(join(user.environment['HANEUL_DATA']!, 'virtual-machines', id, 'running'), 'utf8');

  test('they boot, do their user data, and know who they are', async (t) => {
    if (isSkipped(t)) return;
    const group = async (name: string): Promise<string> =>
      (await ec2.send(new Ec2.CreateSecurityGroupCommand({ GroupName: name, Description: name }))).GroupId!;
    const [open, shut] = [await group('open'), await group('shut')];
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, UserIdGroupPairs: [{ GroupId: open }] }];
    await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: open, IpPermissions }));
    const UserData = Buffer.from(userData).toString('base64');
    const Placement = { AvailabilityZone: 'us-east-1a' }; // a volume goes from one to another
    for (const SecurityGroupIds of [[open], [open], [shut]]) await launch({ SecurityGroupIds, UserData, Placement });
    for (const id of ids) {
      await eventually(async () => (await haneulCommand(user, 'console', id)).stdout.includes('user data is done'));
      assert.equal((await look(id)).State!.Name, 'running');
      assert.equal(await ask(id, 'wget -qO- http://169.254.169.254/latest/meta-data/instance-id'), id);
    }
  });

  test('those of one group reach each other, those of another do not', async (t) => {
    if (isSkipped(t)) return;
    const [first, second, stranger] = await Promise.all(ids.map(look));
    const call = (from: Ec2.Instance, to: Ec2.Instance): Promise<string> =>
      ask(from.InstanceId!, `nc -w 3 ${to.PrivateIpAddress} ${port} < /dev/null 2> /dev/null || echo no`);
    const name = (one: Ec2.Instance): string => `here is ${one.PrivateDnsName!.split('.')[0]}`;
    assert.equal(await call(first!, second!), name(second!));
    assert.equal(await call(second!, first!), name(first!));
    assert.equal(await call(stranger!, first!), 'no');
    assert.equal(await call(first!, stranger!), 'no');
    assert.match(await ask(ids[0]!, `nslookup ${second!.PrivateDnsName}`), new RegExp(second!.PrivateIpAddress!.replaceAll('.', '\\.')));
  });

  test('a port of one is carried to this machine', async (t) => {
    if (isSkipped(t)) return;
    const child = start(user, 'port-forward', ids[2]!, `:${port}`);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const [, local] = /127\.0\.0\.1:(\d+)/.exec(((await lines.next()).value as string | undefined) ?? '') ?? [];
    const socket = connect(Number(local), '127.0.0.1');
    assert.match(await text(socket.end()), /^here is ip-/);
    child.kill('SIGINT');
    await eventually(async () => child.exitCode !== null);
    assert.equal(child.exitCode, 0);
  });

  test('a volume is attached to one that runs, written, and found on another', async (t) => {
    if (isSkipped(t)) return;
    const AvailabilityZone = (await look(ids[0]!)).Placement!.AvailabilityZone!;
    const { VolumeId } = await ec2.send(new Ec2.CreateVolumeCommand({ AvailabilityZone, Size: 1 }));
    const standing = async (wanted: string): Promise<boolean> =>
      (await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [VolumeId!] }))).Volumes![0]!.State === wanted;
    const untilThere = 'while ! [ -b /dev/sdf ]; do sleep 0.1; done';
    const withVolume = async (id: string, command: string): Promise<string> => {
      await eventually(() => standing('available'));
      await ec2.send(new Ec2.AttachVolumeCommand({ VolumeId: VolumeId!, InstanceId: id, Device: '/dev/sdf' }));
      const said = await ask(id, `${untilThere}; ${command}`);
      await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId: VolumeId! }));
      await eventually(() => standing('available'));
      return said;
    };
    await withVolume(ids[0]!, 'printf remember-me > /dev/sdf && sync');
    assert.equal(await withVolume(ids[1]!, 'head -c 11 /dev/sdf'), 'remember-me');
  });

  test('a container, which needs root, is refused in so many words', async (t) => {
    if (isSkipped(t)) return;
    const tags = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'haneul:driver', Value: 'container' }] }];
    const id = await launch({ TagSpecifications: tags });
    assert.match((await state(id, 'terminated')).StateReason!.Message!, /Containers need root/);
    ids.pop();
  });

  test('killed with the keeper of its namespaces and started again, Haneul finds its instances as they were', async (t) => {
    if (isSkipped(t)) return;
    const before = await Promise.all(ids.map(running));
    const [keeper] = (await readFile(join(user.environment['HANEUL_DATA']!, 'sky'), 'utf8')).split(' ');
    await haneul.kill();
    process.kill(Number(keeper), 'SIGKILL');
    await begin();
    assert.deepEqual(await Promise.all(ids.map(running)), before);
    for (const id of ids) {
      assert.equal((await state(id, 'running')).InstanceId, id);
      await eventually(async () => (await ask(id, 'wget -qO- http://169.254.169.254/latest/meta-data/instance-id')) === id);
    }
  });

  test('when the last has ended and Haneul has stopped, nothing of the user runs any more', async (t) => {
    if (isSkipped(t)) return;
    await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: ids }));
    for (const id of ids) await state(id, 'terminated');
    assert.equal(await haneul.stop(), 0);
    await eventually(async () => (await processesOf(user)).length === 0);
  });
});
