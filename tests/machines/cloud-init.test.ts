/** Debian's own cloud-init in the image that Haneul builds: user data that ours does not know, once for each instance, in both kinds of machines. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { programIn } from '../../src/host/images/host-programs.ts';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const noRecipe = (await programIn('mmdebstrap')) === undefined ? 'SKIPPED: mmdebstrap is not on this machine' : undefined;
const skipVirtual = needsRoot ?? (await virtualObstacle());

/** A package of one file in a repository on the instance's own disk, so that no mirror is needed. */
const packageMaker = `set -e
mkdir -p /srv/proof/tree/DEBIAN /srv/proof/tree/usr/share/haneul-proof
cd /srv/proof
echo from the package >tree/usr/share/haneul-proof/words
printf 'Package: haneul-proof\\nVersion: 1\\nArchitecture: all\\nMaintainer: Ada <ada@example.com>\\nDescription: proof\\n' >tree/DEBIAN/control
dpkg-deb --build tree proof.deb
{ cat tree/DEBIAN/control; printf 'Filename: ./proof.deb\\nSize: %s\\nSHA256: %s\\n' $(stat -c %s proof.deb) $(sha256sum proof.deb | cut -d' ' -f1); } >Packages
rm -f /etc/apt/sources.list.d/*
echo 'deb [trusted=yes] file:/srv/proof ./' >/etc/apt/sources.list
`;

const config = (ownKey: string): string => `## template: jinja
#cloud-config
hostname: chosen
bootcmd: [[cloud-init-per, instance, proof, sh, -c, ${JSON.stringify(packageMaker)}]]
packages: [haneul-proof]
write_files: [{ path: /etc/of-instance, content: "{{ ds.meta_data.instance_id }} in {{ v1.region }}" }]
users: [default, { name: ada, shell: /bin/bash, ssh_authorized_keys: ['${ownKey}'] }]
chpasswd: { expire: false, users: [{ name: ada, password: spoken words, type: text }] }
ssh_pwauth: true
ssh_authorized_keys: ['${ownKey}']
runcmd: [echo ran >> /root/ran]
`;

const parts = (text: string): string =>
  [
    'Content-Type: multipart/mixed; boundary="cut"\nMIME-Version: 1.0\n',
    `--cut\nContent-Type: text/jinja2\n\n${text}`,
    '--cut\nContent-Type: text/x-shellscript\n\n#!/bin/sh\necho from the script >/tmp/script\n',
    '--cut--\n',
  ].join('\n');

void suite("Debian's cloud-init", { skip: needsRoot ?? noRecipe ?? false }, () => {
  let home: Home;
  let haneul: RunningHaneul;
  let ec2: Ec2.EC2Client;
  let imageId: string;
  before(async () => {
    home = await makeHome();
    haneul = await up(home);
    ec2 = new Ec2.EC2Client({
      ...{ endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const built = await haneulCommand(home, 'image', 'build', 'debian-12');
    assert.equal(built.code, 0, built.stderr);
    imageId = /ami-[0-9a-f]{17}/.exec(built.stdout)![0];
    for (const name of ['mine', 'other']) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home.directory, name)]);
  });
  after(async () => {
    await clearAway(home, haneul);
    assert.deepEqual(await leftBehind(home.environment['HANEUL_DATA']!), []);
  });

  const launch = async (image: string, data: string, more: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<Ec2.Instance> => {
    const UserData = Buffer.from(data).toString('base64');
    const wanted = { ImageId: image, InstanceType: 't3.small' as const, MinCount: 1, MaxCount: 1, UserData, ...more };
    return (await ec2.send(new Ec2.RunInstancesCommand(wanted))).Instances![0]!;
  };
  const consoleOf = async (id: string): Promise<string> => (await haneulCommand(home, 'console', id)).stdout;
  const bootsOf = async (id: string): Promise<number> => (await consoleOf(id)).split('haneul: finished').length - 1;
  const booted = (id: string, times = 1): Promise<true> =>
    eventually(
      async () => (await bootsOf(id)) >= times,
      () => consoleOf(id),
    ).then(() => true);
  const inside = async (id: string, command: string): Promise<string> =>
    (await haneulCommand(home, 'shell', id, '--', 'sh', '-c', command)).stdout.trim();

  const visit = async (row: Ec2.Instance, user: string, command: string, ...more: string[]): Promise<string> => {
    const namespace = namesFor(labelOf(home.environment['HANEUL_DATA']!)).namespace(row.InstanceId!);
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'ConnectTimeout=5', 'LogLevel=ERROR', ...more];
    const ssh = ['ssh', ...options.flatMap((option) => ['-o', option]), `${user}@${row.PrivateIpAddress!}`, command];
    const asked = ['SSH_ASKPASS_REQUIRE=force', `SSH_ASKPASS=${join(home.directory, 'says')}`];
    return (await runAnyhow('ip', ['netns', 'exec', namespace, 'env', ...asked, ...ssh])).stdout.toString().trim();
  };

  let machine: Ec2.Instance;
  let container: Ec2.Instance;
  const includedTags: Ec2.Tag[] = [
    { Key: 'haneul:driver', Value: 'machine' },
    { Key: 'More', Value: '#!/bin/sh\necho included of $(uname -r) >/tmp/included' },
  ];

  test('carries out packages, users, passwords, templates and parts, and says that it is done', async () => {
    const publicKey = (await run('cat', [join(home.directory, 'other.pub')])).toString().trim();
    const mine = await run('cat', [join(home.directory, 'mine.pub')]);
    await ec2.send(new Ec2.ImportKeyPairCommand({ KeyName: 'mine', PublicKeyMaterial: mine }));
    if (skipVirtual === undefined) {
      const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: includedTags }];
      const included = '#include\nhttp://169.254.169.254/latest/meta-data/tags/instance/More\n';
      machine = await launch(imageId, included, { TagSpecifications, MetadataOptions: { InstanceMetadataTags: 'enabled' } });
    }
    const options = { KeyName: 'mine', MetadataOptions: { HttpTokens: 'required' as const } };
    container = await launch(imageId, parts(config(publicKey)), options);
    const id = container.InstanceId!;
    await booted(id);
    assert.match(await inside(id, 'cloud-init status --wait'), /status: done$/, await consoleOf(id));
    assert.equal(await inside(id, 'grep WARN /var/log/cloud-init.log | grep -v "system hostname to chosen"'), '');
    assert.equal(await inside(id, 'cat /usr/share/haneul-proof/words /tmp/script /root/ran'), 'from the package\nfrom the script\nran');
    assert.equal(await inside(id, 'cat /etc/of-instance'), `${id} in us-east-1`);
    assert.match(await consoleOf(id), /Cloud-init v\. \S+ finished at .* Datasource DataSourceEc2/);
    const key = (name: string): string => `IdentityFile=${join(home.directory, name)}`;
    for (const [user, name] of [
      ['ec2-user', 'mine'],
      ['ec2-user', 'other'],
      ['root', 'mine'],
      ['ada', 'other'],
    ] as const)
      assert.equal(await eventually(() => visit(container, user, 'id -un', key(name), 'BatchMode=yes')), user);
    await writeFile(join(home.directory, 'says'), '#!/bin/sh\necho spoken words\n', { mode: 0o755 });
    assert.equal(await visit(container, 'ada', 'id -un', 'PubkeyAuthentication=no'), 'ada');
    assert.equal(await visit(container, 'root', 'id -un', 'PubkeyAuthentication=no', 'NumberOfPasswordPrompts=1'), '');
  });

  test('does so once for an instance, and once more for one that is made of it', async () => {
    const id = container.InstanceId!;
    await ec2.send(new Ec2.RebootInstancesCommand({ InstanceIds: [id] }));
    await booted(id, 2);
    assert.equal(await inside(id, 'cat /root/ran /etc/hostname'), 'ran\nchosen');
    const options = [`IdentityFile=${join(home.directory, 'other')}`, 'BatchMode=yes'];
    assert.equal(await eventually(() => visit(container, 'ec2-user', 'sudo id -un', ...options)), 'root');
    await inside(id, 'sync');
    const { ImageId } = await ec2.send(new Ec2.CreateImageCommand({ InstanceId: id, Name: 'made-of-it', NoReboot: true }));
    await eventually(
      async () => (await ec2.send(new Ec2.DescribeImagesCommand({ ImageIds: [ImageId!] }))).Images![0]!.State === 'available',
    );
    const next = (await launch(ImageId!, '#cloud-config\nruncmd: [echo again >> /root/ran]\n')).InstanceId!;
    await eventually(async () => (await inside(next, 'cat /root/ran')) === 'ran\nagain');
    assert.match(await inside(next, 'cloud-init status --wait; cat /etc/hostname'), /status: done\nip-/);
  });

  test('is there with a kernel of its own too, and includes what lies elsewhere', { skip: skipVirtual ?? false }, async () => {
    const id = machine.InstanceId!;
    await booted(id);
    const kernel = await inside(id, 'uname -r');
    assert.notEqual(kernel, (await run('uname', ['-r'])).toString().trim());
    assert.equal(await inside(id, 'cat /tmp/included'), `included of ${kernel}`);
    assert.match(await inside(id, 'cloud-init status'), /status: done/);
  });
});
