/** Images from elsewhere, as a user brings them: imported while the cloud runs, listed as AMIs, booted, reached by ssh. */

import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

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
      left.filter((name) => !name.startsWith('haneul-')),
      ['foreign-system'],
    );
  });
});
