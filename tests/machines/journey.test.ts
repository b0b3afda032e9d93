/** Real instances on this machine, as a user of the program has them: keys, user data, ssh, disks, kill -9 of Haneul, and a clean end. */

import assert from 'node:assert/strict';
import { readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { EC2InstanceConnectClient, SendSSHPublicKeyCommand } from '@aws-sdk/client-ec2-instance-connect';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const user = '#!/bin/sh\necho "as $(id -u)" > /root/made-by-user-data\necho user data is done\n';

async function skipVirtual(): Promise<string | undefined> {
  const obstacle = await virtualObstacle();
  return obstacle === undefined ? undefined : `SKIPPED: ${obstacle}`;
}

const drivers = {
  container: { directory: 'machines', skip: needsRoot },
  machine: { directory: 'virtual-machines', skip: needsRoot ?? (await skipVirtual()) },
};

for (const [driver, { directory, skip }] of Object.entries(drivers))
  void suite(`instances on this machine, driven as ${driver}`, { skip: skip ?? false }, () => journey(driver, directory));

/** @param directory that of the driver's machines in the data directory. */
function journey(driver: string, directory: string): void {
  let home: Home;
  let haneul: RunningHaneul;
  let ec2: Ec2.EC2Client;
  let data: string;
  let image: string;
  const ids: string[] = [];
  /** A container, in whose namespace the tests' own programs run. */
  let vantage: string;

  const connect = (): void => {
    ec2 = new Ec2.EC2Client({
      endpoint: haneul.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    });
  };
  const look = async (id: string): Promise<Ec2.Instance> =>
    (await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
  const reach = (id: string, state: string): Promise<Ec2.Instance> =>
    eventually(async () => {
      const row = await look(id);
      assert.ok(row.State!.Name !== 'terminated' || state === 'terminated', `${id}: ${row.StateReason?.Message}`);
      return row.State!.Name === state && row;
    });
  const consoleOf = async (id: string): Promise<string> =>
    Buffer.from((await ec2.send(new Ec2.GetConsoleOutputCommand({ InstanceId: id }))).Output ?? '', 'base64').toString();
  const launch = async (input: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<Ec2.Instance> => {
    const Placement = { AvailabilityZone: 'us-east-1a' };
    const wanted = { ImageId: image, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, KeyName: 'mine', Placement, ...input };
    const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(wanted));
    ids.push(Instances![0]!.InstanceId!);
    return reach(Instances![0]!.InstanceId!, 'running');
  };
  /** To an instance from another one of the same group, as a shell there would. */
  const ssh = async (to: Ec2.Instance, command: string, who?: { key: string; as: string }): Promise<string> => {
    const namespace = namesFor(labelOf(data)).namespace(vantage);
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=5', 'LogLevel=ERROR', 'BatchMode=yes'];
    const parameters = [
      ...options.flatMap((option) => ['-o', option]),
      '-i',
      who?.key ?? join(home.directory, 'key'),
      `${who?.as ?? 'root'}@${to.PrivateIpAddress}`,
      command,
    ];
    return eventually(async () => {
      const { code, stdout } = await runAnyhow('ip', ['netns', 'exec', namespace, 'ssh', ...parameters]);
      return code === 0 && stdout.toString().trim();
    });
  };

  before(async () => {
    home = await makeHome();
    haneul = await up(home, '--ec2-driver', driver);
    data = await realpath(home.environment['HANEUL_DATA']!);
    connect();
    const { KeyMaterial } = await ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'mine', KeyType: 'ed25519' }));
    await writeFile(join(home.directory, 'key'), KeyMaterial!, { mode: 0o600 });
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    image = Images![0]!.ImageId!;
    const tags = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'haneul:driver', Value: 'container' }] }];
    vantage = (await launch({ TagSpecifications: tags })).InstanceId!;
  });
  after(() => clearAway(home, haneul));

  test('an instance boots, runs its user data, lets its owner in by ssh, and knows who it is', async () => {
    const one = await launch({ UserData: Buffer.from(user).toString('base64') });
    await launch();
    assert.equal(await ssh(one, 'cat /root/made-by-user-data'), 'as 0');
    assert.equal(await ssh(one, 'wget -qO- http://169.254.169.254/latest/meta-data/instance-id'), one.InstanceId);
    assert.equal(await ssh(one, 'hostname'), one.PrivateDnsName!.split('.')[0]);
    await eventually(async () => (await consoleOf(one.InstanceId!)).includes('user data is done'));
  });

  test('haneul shell runs a command in an instance, haneul console shows what it wrote', async () => {
    const inside = await haneulCommand(home, 'shell', ids[1]!, '--', 'cat', '/root/made-by-user-data');
    assert.deepEqual([inside.code, inside.stdout], [0, 'as 0\n']);
    assert.equal((await haneulCommand(home, 'shell', ids[1]!, 'false')).code, 1);
    assert.match((await haneulCommand(home, 'console', ids[1]!)).stdout, /user data is done/);
    const lost = await haneulCommand(home, 'shell', 'i-00000000000000000');
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /there is no machine i-00000000000000000/);
  });

  test('a key that Instance Connect sends opens the instance', async () => {
    const key = join(home.directory, 'visitor');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const config = { endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const SSHPublicKey = await readFile(`${key}.pub`, 'utf8');
    const sent = { InstanceId: ids[1]!, InstanceOSUser: 'ec2-user', SSHPublicKey };
    await new EC2InstanceConnectClient(config).send(new SendSSHPublicKeyCommand(sent));
    assert.match(await ssh(await look(ids[1]!), 'id', { key, as: 'ec2-user' }), /^uid=1000\(ec2-user\)/);
  });

  test('a volume is attached, written inside, snapshotted, and restored on the other instance', async () => {
    const [first, second] = [await look(ids[1]!), await look(ids[2]!)];
    const zone = { AvailabilityZone: 'us-east-1a' };
    // A system with its own kernel names a disk some moments after it has found it.
    const untilThere = 'while ! [ -b /dev/sdf ]; do sleep 0.1; done';
    const attach = async (VolumeId: string, to: Ec2.Instance): Promise<void> => {
      await eventually(async () => (await stateOf(VolumeId)) === 'available');
      await ec2.send(new Ec2.AttachVolumeCommand({ VolumeId, InstanceId: to.InstanceId!, Device: '/dev/sdf' }));
    };
    const stateOf = async (id: string) => (await ec2.send(new Ec2.DescribeVolumesCommand({ VolumeIds: [id] }))).Volumes![0]!.State;
    const made = await ec2.send(new Ec2.CreateVolumeCommand({ ...zone, Size: 1 }));
    await attach(made.VolumeId!, first);
    await ssh(first, `${untilThere}; printf remember-me > /dev/sdf && sync`);
    const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId: made.VolumeId! }));
    await eventually(
      async () => (await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId!] }))).Snapshots![0]!.State === 'completed',
    );
    const restored = await ec2.send(new Ec2.CreateVolumeCommand({ ...zone, SnapshotId: SnapshotId! }));
    await attach(restored.VolumeId!, second);
    assert.equal(await ssh(second, `${untilThere}; head -c 11 /dev/sdf`), 'remember-me');
    for (const VolumeId of [made.VolumeId!, restored.VolumeId!]) {
      await ec2.send(new Ec2.DetachVolumeCommand({ VolumeId }));
      await eventually(async () => (await stateOf(VolumeId)) === 'available');
      await ec2.send(new Ec2.DeleteVolumeCommand({ VolumeId }));
    }
  });

  test('kill -9 of Haneul leaves the instance running; the next start has it, the same process', async () => {
    const process_ = async (): Promise<string> => (await readFile(join(data, directory, ids[1]!, 'running'), 'utf8')).split(' ')[0]!;
    const before_ = await process_();
    await haneul.kill();
    await readFile(`/proc/${before_}/stat`);
    haneul = await up(home, '--ec2-driver', driver);
    connect();
    const row = await reach(ids[1]!, 'running');
    assert.equal(await process_(), before_);
    assert.equal(await ssh(row, 'wget -qO- http://169.254.169.254/latest/meta-data/instance-id'), ids[1]);
  });

  test('stop, start and a shutdown from inside; what was written stays', async () => {
    const row = await look(ids[1]!);
    await ssh(row, 'echo stays > /root/file');
    await ec2.send(new Ec2.StopInstancesCommand({ InstanceIds: [ids[1]!] }));
    await reach(ids[1]!, 'stopped');
    await ec2.send(new Ec2.StartInstancesCommand({ InstanceIds: [ids[1]!] }));
    const again = await reach(ids[1]!, 'running');
    assert.equal(await ssh(again, 'cat /root/file'), 'stays');
    await ssh(again, '(sleep 0.3; poweroff) > /dev/null 2>&1 &');
    const stopped = await reach(ids[1]!, 'stopped');
    assert.equal(stopped.StateReason!.Code, 'Client.InstanceInitiatedShutdown');
  });

  const remains = async (): Promise<string[]> => [
    ...(await leftBehind(join(data, 'disks'))),
    ...(await leftBehind(join(data, 'machines'))),
    ...(await leftBehind(join(data, 'virtual-machines'))),
    ...(await Promise.all(ids.map((id) => leftBehind(id)))).flat(),
    ...(await run('ip', ['netns', 'list']))
      .toString()
      .split('\n')
      .filter((line) => line.includes(labelOf(data))),
  ];

  test('after termination nothing is left on the machine', async () => {
    await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: ids }));
    for (const id of ids) await reach(id, 'terminated');
    await eventually(async () => (await remains()).length === 0);
  });

  test('a reset has taken instances and networks off the machine when it answers', async () => {
    await launch();
    assert.notDeepEqual(await remains(), []);
    assert.equal((await haneulCommand(home, 'reset', '--yes')).code, 0);
    assert.deepEqual(await remains(), []);
  });

  test('a machine that no record knows is gone when the next start is ready', async () => {
    await launch({ KeyName: undefined });
    await haneul.kill();
    await rm(join(data, 'store'), { recursive: true });
    haneul = await up(home, '--ec2-driver', driver);
    assert.deepEqual(await leftBehind(join(data, directory)), []);
    assert.equal((await haneulCommand(home, 'reset', '--yes')).code, 0);
    assert.deepEqual(await remains(), []);
  });

  test('what a data directory that was wiped has left running is gone when the next start is ready', async () => {
    connect();
    await launch({ KeyName: undefined });
    await haneul.kill();
    await rm(data, { recursive: true });
    haneul = await up(home, '--ec2-driver', driver);
    assert.deepEqual(await remains(), []);
  });
}
