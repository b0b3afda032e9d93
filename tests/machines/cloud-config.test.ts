/** A cloud-config as an instance carries it out: files, users, keys, names, commands, and a script beside it, once. */

import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { eventually, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const config = `#cloud-config
hostname: named.example
bootcmd: [echo early > /tmp/order]
write_files:
  - { path: /etc/deep/down/file, permissions: '0640', owner: 'root:disk', content: "of the config\\n" }
  - { path: /etc/deep/down/file, append: true, content: "and more\\n" }
users:
  - default
  - { name: ada, gecos: Ada, groups: [disk, makers], ssh_authorized_keys: [ssh-ed25519 AAAAada ada@home] }
ssh_authorized_keys: [ssh-ed25519 AAAAown me@home]
runcmd:
  - echo "late as $(id -un)" >> /tmp/order
  - exit 3
  - [sh, -c, 'echo "$1" > /tmp/argument', sh, "it's one word"]
packages: [nginx]
`;
const parts = [
  'Content-Type: multipart/mixed; boundary="cut"\nMIME-Version: 1.0\n',
  `--cut\nContent-Type: text/cloud-config\n\n${config}`,
  '--cut\nContent-Type: text/x-shellscript\n\n#!/bin/sh\necho from the script >> /tmp/order\n',
  '--cut--\n',
].join('\n');

void suite('cloud-config', { skip: needsRoot ?? false }, () => {
  let home: Home;
  let haneul: RunningHaneul;
  before(async () => {
    home = await makeHome();
    haneul = await up(home);
  });
  after(() => clearAway(home, haneul));

  test('an instance does what a cloud-config in several parts says, and says what it leaves', async () => {
    const ec2 = new Ec2.EC2Client({
      ...{ endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    const UserData = Buffer.from(parts).toString('base64');
    const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, UserData };
    const id = (await ec2.send(new Ec2.RunInstancesCommand(wanted))).Instances![0]!.InstanceId!;
    const console_ = await eventually(async () => {
      const { stdout } = await haneulCommand(home, 'console', id);
      return stdout.includes('haneul: finished') && stdout;
    });
    assert.match(console_, /haneul: cloud-config: packages is not carried out/);
    const inside = async (...command: string[]): Promise<string> =>
      (await haneulCommand(home, 'shell', id, '--', ...command)).stdout.trim();
    assert.equal(await inside('cat', '/tmp/order'), 'early\nlate as root\nfrom the script');
    assert.equal(await inside('cat', '/etc/deep/down/file'), 'of the config\nand more');
    assert.equal(await inside('stat', '-c', '%a %U:%G', '/etc/deep/down/file'), '644 root:root');
    assert.equal(await inside('cat', '/tmp/argument'), "it's one word");
    assert.match(await inside('cat', '/etc/hosts'), /127\.0\.1\.1 named\.example named/);
    assert.match(await inside('id', 'ada'), /^uid=1001\(ada\) gid=1001\(ada\) groups=1001\(ada\),6\(disk\),100\d\(makers\)$/);
    assert.equal(await inside('stat', '-c', '%a %U', '/home/ada/.ssh/authorized_keys'), '600 ada');
    assert.match(await inside('cat', '/home/ada/.ssh/authorized_keys'), /^ssh-ed25519 AAAAada ada@home$/);
    assert.match(await inside('cat', '/home/ec2-user/.ssh/authorized_keys'), /AAAAown me@home$/);
  });
});
