/** A disk that fills up under instances: what takes room is refused in EC2's words, what runs goes on, and all works when there is room. */

import assert from 'node:assert/strict';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { run } from '../../src/host/programs.ts';
import { clearAway, haneul as haneulCommand, makeHome, up } from '../journeys/running-haneul.ts';

const mebibyte = 1024 * 1024;
const zone = { AvailabilityZone: 'us-east-1a' };

void test(
  'a full disk under instances refuses what takes room, and takes nothing from what runs',
  { skip: needsRoot ?? false },
  async (t) => {
    const ends: (() => unknown)[] = [];
    t.after(async () => {
      for (const end of ends.reverse()) await end();
    });
    const home = await makeHome();
    const data = home.environment['HANEUL_DATA']!;
    await mkdir(data);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=256m,mode=700', 'tmpfs', data]);
    ends.push(home.remove, () => run('umount', [data]));
    const haneul = await up(home);
    ends.push(() => clearAway({ ...home, remove: async () => undefined }, haneul));
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const ec2 = new Ec2.EC2Client({ endpoint: haneul.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, Placement: zone };
    const look = async (id: string): Promise<Ec2.Instance> =>
      (await ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds: [id] }))).Reservations![0]!.Instances![0]!;
    const launch = async (): Promise<Ec2.Instance> => {
      const { Instances } = await ec2.send(new Ec2.RunInstancesCommand(wanted));
      return eventually(async () => {
        const row = await look(Instances![0]!.InstanceId!);
        return row.State!.Name === 'running' && row;
      });
    };
    const inside = async (id: string, command: string): Promise<string> =>
      (await haneulCommand(home, 'shell', id, '--', 'sh', '-c', command)).stdout;
    const one = await launch();
    const id = one.InstanceId!;
    const VolumeId = one.BlockDeviceMappings![0]!.Ebs!.VolumeId!;
    assert.equal(await inside(id, 'echo kept > /root/file; sync; echo done'), 'done\n');

    const takingRoom = {
      RunInstances: [() => ec2.send(new Ec2.RunInstancesCommand(wanted)), 'InsufficientInstanceCapacity'],
      CreateVolume: [() => ec2.send(new Ec2.CreateVolumeCommand({ ...zone, Size: 1 })), 'InsufficientVolumeCapacity'],
      CreateSnapshot: [() => ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId })), 'Unavailable'],
      CreateSnapshots: [() => ec2.send(new Ec2.CreateSnapshotsCommand({ InstanceSpecification: { InstanceId: id } })), 'Unavailable'],
      CreateImage: [() => ec2.send(new Ec2.CreateImageCommand({ InstanceId: id, Name: 'mine' })), 'Unavailable'],
    } as const;
    // Nearly full: what is left is for what is there.
    const { bavail, bsize } = await statfs(data);
    const filler = join(data, 'filler');
    await writeFile(filler, Buffer.alloc(bavail * bsize - 48 * mebibyte));
    for (const [operation, [send, code]] of Object.entries(takingRoom))
      await assert.rejects(send(), (error: Error) => error.name === code && error.message.includes('disk'), operation);
    await ec2.send(new Ec2.CreateTagsCommand({ Resources: [id], Tags: [{ Key: 'written', Value: 'while it was nearly full' }] }));

    assert.equal((await look(id)).State!.Name, 'running');
    assert.equal(await inside(id, 'cat /root/file; echo more >> /root/file; sync; cat /root/file'), 'kept\nkept\nmore\n');

    await rm(filler);
    assert.deepEqual((await look(id)).Tags, [{ Key: 'written', Value: 'while it was nearly full' }]);
    assert.equal((await launch()).State!.Name, 'running');
    const { SnapshotId } = await ec2.send(new Ec2.CreateSnapshotCommand({ VolumeId }));
    await eventually(
      async () => (await ec2.send(new Ec2.DescribeSnapshotsCommand({ SnapshotIds: [SnapshotId!] }))).Snapshots![0]!.State === 'completed',
    );
    assert.equal((await haneulCommand(home, 'reset', '--yes')).code, 0);
    assert.deepEqual((await leftBehind(join(data, 'disks'))).concat(await leftBehind(join(data, 'machines'))), []);
  },
);
