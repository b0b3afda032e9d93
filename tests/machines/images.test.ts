/** Images from elsewhere, as a user brings them: imported while the cloud runs, listed as AMIs, booted, reached by ssh. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, open, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { programIn } from '../../src/host/images/host-programs.ts';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const skipDisks = (await programIn('qemu-img')) === undefined && 'qemu-img is not on this machine';
const skipVirtual = needsRoot ?? (await virtualObstacle());

void suite('images from elsewhere', { skip: needsRoot ?? false }, () => {
  let home: Home;
  let haneul: RunningHaneul;
  before(async () => {
    home = await makeHome();
    haneul = await up(home);
  });
  after(async () => {
    await clearAway(home, haneul);
    assert.deepEqual(await leftBehind(home.environment['HANEUL_DATA']!), []);
  });

  /** A foreign system in its barest form: a shell and a few commands, no accounts, no SSH server, /var a link. */
  const makeTar = async (): Promise<string> => {
    const tree = join(home.directory, 'tree');
    await mkdir(join(tree, 'bin'), { recursive: true });
    await mkdir(join(tree, 'data/var'), { recursive: true });
    await symlink('/data/var', join(tree, 'var'));
    await copyFile('/bin/busybox', join(tree, 'bin/busybox'));
    for (const name of ['sh', 'cat', 'id', 'echo']) await symlink('busybox', join(tree, 'bin', name));
    await writeFile(join(tree, 'bin/whoami-really'), '#!/bin/sh\necho foreign\n', { mode: 0o755 });
    const tar = join(home.directory, 'foreign-system.tar.gz');
    await run('tar', ['--create', '--gzip', '--file', tar, '--directory', tree, '.']);
    return tar;
  };

  test('a tar becomes an image that boots, runs user data and lets its owner in', async () => {
    const said = await haneulCommand(home, 'image', 'import', await makeTar());
    assert.equal(said.code, 0, said.stderr);
    const [, imageId] = /^foreign-system is there: (ami-[0-9a-f]{17}) in us-east-1\.\n$/.exec(said.stdout) ?? [];
    const listed = await haneulCommand(home, 'image', 'list', '--json');
    const { images } = JSON.parse(listed.stdout) as { images: { name: string; imageId: string; ready: boolean }[] };
    assert.deepEqual(images.find(({ name }) => name === 'foreign-system')?.imageId, imageId);
    const ec2 = new Ec2.EC2Client({
      ...{ endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const { KeyMaterial } = await ec2.send(new Ec2.CreateKeyPairCommand({ KeyName: 'mine', KeyType: 'ed25519' }));
    await writeFile(join(home.directory, 'key'), KeyMaterial!, { mode: 0o600 });
    const UserData = Buffer.from('#!/bin/sh\necho as $(id -u) says $(whoami-really)\n').toString('base64');
    const wanted = { ImageId: imageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, KeyName: 'mine', UserData };
    const made = (await ec2.send(new Ec2.RunInstancesCommand(wanted))).Instances![0]!;
    await eventually(async () => (await haneulCommand(home, 'console', made.InstanceId!)).stdout.includes('as 0 says foreign'));
    const namespace = namesFor(labelOf(home.environment['HANEUL_DATA']!)).namespace(made.InstanceId!);
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=5', 'LogLevel=ERROR', 'BatchMode=yes'];
    const parameters = [...options.flatMap((option) => ['-o', option]), '-i', join(home.directory, 'key')];
    const shown = await eventually(async () => {
      const command = ['netns', 'exec', namespace, 'ssh', ...parameters, `ec2-user@${made.PrivateIpAddress!}`, 'whoami-really; id -u'];
      const { code, stdout } = await runAnyhow('ip', command);
      return code === 0 && stdout.toString();
    });
    assert.equal(shown, 'foreign\n1000\n');
  });

  test('the same image boots with a kernel of its own, also when it is gone', { skip: skipVirtual ?? false }, async () => {
    const ec2 = new Ec2.EC2Client({
      ...{ endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const named = { Filters: [{ Name: 'name', Values: ['foreign-system'] }] };
    const [image] = (await ec2.send(new Ec2.DescribeImagesCommand(named))).Images!;
    const UserData = Buffer.from(
      '#cloud-config\nruncmd:\n  - echo kernel $(/var/lib/haneul/busybox uname -r) of $(whoami-really)\n',
    ).toString('base64');
    const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'haneul:driver', Value: 'machine' }] }];
    const wanted = { ImageId: image!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, UserData, TagSpecifications };
    const id = (await ec2.send(new Ec2.RunInstancesCommand(wanted))).Instances![0]!.InstanceId!;
    const consoleOf = async (): Promise<string> => (await haneulCommand(home, 'console', id)).stdout;
    const [, kernel] = await eventually(async () => /kernel (\S+) of foreign/.exec(await consoleOf()) ?? undefined);
    assert.notEqual(kernel, (await run('uname', ['-r'])).toString().trim());
    const removed = await haneulCommand(home, 'image', 'remove', 'foreign-system');
    assert.equal(removed.stdout, 'foreign-system is gone.\n', removed.stderr);
    assert.deepEqual((await ec2.send(new Ec2.DescribeImagesCommand(named))).Images, []);
    assert.deepEqual(await readdir(join(home.environment['HANEUL_DATA']!, 'images/foreign-system')), ['image.json']);
    await assert.rejects(ec2.send(new Ec2.RunInstancesCommand(wanted)), { name: 'InvalidAMIID.NotFound' });
    const boots = (await consoleOf()).split('haneul: booting').length;
    await ec2.send(new Ec2.RebootInstancesCommand({ InstanceIds: [id] }));
    await eventually(async () => (await consoleOf()).split('haneul: booting').length > boots);
    const again = await haneulCommand(home, 'image', 'remove', 'foreign-system');
    assert.match(again.stderr, /there is no image foreign-system/);
  });

  /** A disk as hypervisors have it: a boot partition, and the system in another one. */
  const makeDisk = async (): Promise<string> => {
    const [disk, tree] = [join(home.directory, 'disk.raw'), join(home.directory, 'tree')];
    await mkdir(join(tree, 'etc'), { recursive: true });
    await writeFile(join(tree, 'etc/fstab'), 'UUID=1234 / ext4 defaults 0 1\nUUID=5678 /boot ext4 defaults 0 2\n');
    await run('truncate', ['-s', '64M', disk]);
    const partitions = [
      { start: 2048, count: 16_384 },
      { start: 18_432, count: 98_304 },
    ];
    const table = Buffer.alloc(512);
    for (const [at, { start, count }] of partitions.entries()) {
      table[446 + at * 16 + 4] = 0x83;
      table.writeUInt32LE(start, 446 + at * 16 + 8);
      table.writeUInt32LE(count, 446 + at * 16 + 12);
    }
    table.writeUInt16LE(0xaa55, 510);
    const file = await open(disk, 'r+');
    await file.write(table, 0, table.length, 0);
    await file.close();
    await run('mkfs.ext4', ['-q', '-F', '-E', `offset=${2048 * 512}`, disk, '8m']);
    await run('mkfs.ext4', ['-q', '-F', '-d', tree, '-E', `offset=${18_432 * 512}`, disk, '48m']);
    return disk;
  };

  test('a disk is imported by EC2 from a bucket, boots, and is exported again', { skip: skipDisks }, async () => {
    const disk = await makeDisk();
    const vmdk = join(home.directory, 'disk.vmdk');
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk, vmdk]);
    const options = { endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const [ec2, s3, iam] = [new Ec2.EC2Client(options), new S3Client({ ...options, forcePathStyle: true }), new IAMClient(options)];
    await s3.send(new CreateBucketCommand({ Bucket: 'disks' }));
    await s3.send(new PutObjectCommand({ Bucket: 'disks', Key: 'disk.vmdk', Body: await readFile(vmdk) }));
    const trust = { Effect: 'Allow', Principal: { Service: 'vmie.amazonaws.com' }, Action: 'sts:AssumeRole' };
    const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new CreateRoleCommand({ RoleName: 'vmimport', AssumeRolePolicyDocument: document(trust) }));
    const PolicyDocument = document({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'vmimport', PolicyName: 'disks', PolicyDocument }));
    const DiskContainers = [{ Format: 'VMDK', UserBucket: { S3Bucket: 'disks', S3Key: 'disk.vmdk' } }];
    const { ImportTaskId } = await ec2.send(new Ec2.ImportImageCommand({ DiskContainers }));
    const done = await eventually(async () => {
      const [task] = (await ec2.send(new Ec2.DescribeImportImageTasksCommand({ ImportTaskIds: [ImportTaskId!] }))).ImportImageTasks!;
      return task!.Status !== 'active' && task!;
    });
    assert.equal(done.Status, 'completed', done.StatusMessage!);
    const UserData = Buffer.from('#!/bin/sh\necho imported $(whoami-really) $(cat /etc/fstab)\n').toString('base64');
    const wanted = { ImageId: done.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, UserData };
    const id = (await ec2.send(new Ec2.RunInstancesCommand(wanted))).Instances![0]!.InstanceId!;
    const said = await eventually(async () => /imported foreign .*/.exec((await haneulCommand(home, 'console', id)).stdout)?.[0]);
    assert.match(said, /UUID=1234 \/ ext4 defaults 0 1 # Not imported: UUID=5678 \/boot/);
    const S3ExportLocation = { S3Bucket: 'disks', S3Prefix: 'out/' };
    const asked = { ImageId: done.ImageId!, DiskImageFormat: 'VHD' as const, S3ExportLocation };
    const { ExportImageTaskId } = await ec2.send(new Ec2.ExportImageCommand(asked));
    const exported = await eventually(async () => {
      const all = await ec2.send(new Ec2.DescribeExportImageTasksCommand({ ExportImageTaskIds: [ExportImageTaskId!] }));
      return all.ExportImageTasks![0]!.Status !== 'active' && all.ExportImageTasks![0]!;
    });
    assert.equal(exported.Status, 'completed', exported.StatusMessage!);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'disks', Key: `out/${ExportImageTaskId!}.vhd` }));
    await writeFile(join(home.directory, 'out.vhd'), await Body!.transformToByteArray());
    const shown = JSON.parse((await run('qemu-img', ['info', '--output=json', join(home.directory, 'out.vhd')])).toString()) as object;
    assert.equal((shown as { 'virtual-size': number })['virtual-size'], 1024 ** 3);
    const wrong = await ec2.send(new Ec2.ImportImageCommand({ DiskContainers: [{ Format: 'VHD', Url: 's3://disks/disk.vmdk' }] }));
    const why = await eventually(async () => {
      const all = await ec2.send(new Ec2.DescribeImportImageTasksCommand({ ImportTaskIds: [wrong.ImportTaskId!] }));
      return all.ImportImageTasks![0]!.Status === 'deleted' && all.ImportImageTasks![0]!.StatusMessage!;
    });
    assert.match(why, /^ClientError: Disk validation failed \[this is no VHD/);
    await ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds: [id] }));
  });

  test('disks of every format are imported; those that stand on other files are refused', { skip: skipDisks }, async () => {
    const disk = join(home.directory, 'disk.raw');
    for (const [name, ...options] of [
      ['disk.qcow2', '-O', 'qcow2'],
      ['fixed.vhd', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on'],
      ['dynamic.vhd', '-O', 'vpc'],
      ['disk.vhdx', '-O', 'vhdx'],
    ] as const) {
      const path = join(home.directory, name);
      await run('qemu-img', ['convert', '-f', 'raw', ...options, disk, path]);
      const said = await haneulCommand(home, 'image', 'import', path, '--name', 'from-disk');
      assert.match(said.stdout, /^from-disk is there: ami-/, said.stderr);
    }
    await haneulCommand(home, 'image', 'remove', 'from-disk');
    const backed = join(home.directory, 'backed.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', disk, backed]);
    const parts = join(home.directory, 'parts.vmdk');
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=twoGbMaxExtentSparse', disk, parts]);
    const empty = join(home.directory, 'empty.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', empty, '1G']);
    const huge = join(home.directory, 'huge.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', huge, '17T']);
    for (const [path, words] of [
      [backed, /backing file/],
      [parts, /Unsupported VMDK File Format/],
      [empty, /Unknown OS/],
      [huge, /larger than 16384 GiB/],
    ] as const) {
      const said = await haneulCommand(home, 'image', 'import', path, '--name', 'refused');
      assert.notEqual(said.code, 0);
      assert.match(said.stderr, words);
    }
  });

  test('what is no system is refused in one line, and nothing of it stays', async () => {
    const refusal = async (words: RegExp, ...parameters: string[]): Promise<void> => {
      const said = await haneulCommand(home, 'image', ...parameters);
      assert.notEqual(said.code, 0);
      assert.match(said.stderr, words);
    };
    const words = join(home.directory, 'words');
    await writeFile(words, 'no archive'.repeat(1000));
    await refusal(/the archive was refused/, 'import', words);
    await run('tar', ['--create', '--file', join(home.directory, 'only-words.tar'), '--directory', home.directory, 'words']);
    await refusal(/this is no root file system/, 'import', join(home.directory, 'only-words.tar'));
    await refusal(/there is nothing at/, 'import', join(home.directory, 'nowhere.tar'));
    await refusal(/is no name for an image/, 'import', words, '--name', '../../etc');
    await refusal(/of images that Haneul makes by itself/, 'import', words, '--name', 'haneul-tiny');
    await refusal(/there is no recipe for 'windows-95'/, 'build', 'windows-95');
    const left = await readdir(join(home.environment['HANEUL_DATA']!, 'images'));
    assert.deepEqual(
      left.filter((name) => !name.startsWith('haneul-') && name !== 'from-disk'),
      ['foreign-system'],
    );
  });
});
