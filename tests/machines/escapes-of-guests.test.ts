/** Attempts of root inside a machine with a kernel of its own to get out: past its emulator, and past its network. They act only on what this test has made. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { virtualObstacle } from '../../src/host/machines/drivers.ts';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { eventually, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const attemptsMin = 40;
/** Three ports: everybody asks for the first one, and the last takes one sender's datagrams. */
const listening = `#!/bin/sh
nc -ll -p 7000 -e echo here >/dev/null 2>&1 &
(while :; do nc -u -l -p 7002 >>/root/datagrams 2>/dev/null; done) &
echo listening
`;

void suite('escapes of guests', { skip: needsRoot ?? (await virtualObstacle()) ?? false }, () => {
  let home: Home;
  let haneul: RunningHaneul;
  let ec2: Ec2.EC2Client;
  let target: string;
  let disk: string;
  let namespaceOf: (id: string) => string;
  const victim = spawn('sleep', ['600'], { stdio: 'ignore', env: { HANEUL_TARGET: 'secret of the host' } });
  const server = createServer((socket) => socket.end('here\n'));

  const launch = async (driver: string, input: Partial<Ec2.RunInstancesCommandInput> = {}): Promise<Ec2.Instance> => {
    const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'haneul:driver', Value: driver }] }];
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.nano' as const, MinCount: 1, MaxCount: 1, TagSpecifications };
    const UserData = Buffer.from(listening).toString('base64');
    const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...wanted, UserData, ...input }));
    const id = Instances![0]!.InstanceId!;
    await eventually(async () => (await haneulCommand(home, 'console', id)).stdout.includes('listening'));
    return Instances![0]!;
  };
  const group = async (name: string, vpc: string, permissions: Ec2.IpPermission[]): Promise<string> => {
    const { GroupId } = await ec2.send(new Ec2.CreateSecurityGroupCommand({ GroupName: name, Description: name, VpcId: vpc }));
    if (permissions.length > 0) await ec2.send(new Ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: permissions }));
    return GroupId!;
  };
  /** What the metadata service says to whoever is in a namespace. */
  const whoIs = async (id: string): Promise<string> => {
    const asked = 'printf "GET /latest/meta-data/instance-id HTTP/1.0\\r\\n\\r\\n" | timeout 5 busybox nc 169.254.169.254 80 | tail -n 1';
    return (await runAnyhow('ip', ['netns', 'exec', namespaceOf(id), 'sh', '-c', asked])).stdout.toString().trim();
  };

  before(async () => {
    home = await makeHome();
    haneul = await up(home);
    ec2 = new Ec2.EC2Client({
      ...{ endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
    });
    const names = namesFor(labelOf(await realpath(home.environment['HANEUL_DATA']!)));
    namespaceOf = (id) => names.namespace(id);
    target = await mkdtemp(join(tmpdir(), 'haneul-target-'));
    await writeFile(join(target, 'marker'), 'secret of the host\n');
    await writeFile(join(target, 'disk'), Buffer.alloc(1024 * 1024, 'secret of the host\n'));
    disk = (await run('losetup', ['--find', '--show', join(target, 'disk')])).toString().trim();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    victim.kill('SIGKILL');
    server.close();
    await run('losetup', ['--detach', disk]);
    await rm(target, { recursive: true });
    await clearAway(home, haneul);
  });

  test('no attempt of its root gets out', async (t) => {
    const attacker = await launch('machine');
    const [a, b] = attacker.PrivateIpAddress!.split('.');
    const range = attacker.PrivateIpAddress!.replace(/\.\d+$/, '');
    const trusted = `${range}.${attacker.PrivateIpAddress!.endsWith('.77') ? 78 : 77}`;
    const closed = await group('closed', attacker.VpcId!, [
      { IpProtocol: 'udp', FromPort: 7002, ToPort: 7002, IpRanges: [{ CidrIp: `${trusted}/32` }] },
    ]);
    const neighbour = await launch('container', { SubnetId: attacker.SubnetId!, SecurityGroupIds: [closed] });
    const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.55.0.0/16' }));
    const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId: Vpc!.VpcId!, CidrBlock: '10.55.1.0/24' }));
    const all = await group('open', Vpc!.VpcId!, [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }]);
    const stranger = await launch('container', { SubnetId: Subnet!.SubnetId!, SecurityGroupIds: [all] });
    const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ SubnetIds: [attacker.SubnetId!] }));
    const third = Subnets![0]!.CidrBlock!.split('.')[2];
    const given = {
      ...{ neighbour: neighbour.PrivateIpAddress, neighbour_id: neighbour.InstanceId, stranger: stranger.PrivateIpAddress, trusted },
      ...{ gateway: `${a}.${b}.${third}.1`, loopback: (server.address() as AddressInfo).port, api: new URL(haneul.endpoint).port },
      ...{ marker: join(target, 'marker'), data: home.environment['HANEUL_DATA'], pid: victim.pid, loop: disk.slice('/dev/loop'.length) },
    };
    const script = await readFile(join(import.meta.dirname, 'escapes-of-guests.sh'), 'utf8');
    const words = Object.entries(given).map(([name, value]) => `${name}=${value}`);
    const said = await haneulCommand(home, 'shell', attacker.InstanceId!, '--', 'sh', '-c', script, 'sh', ...words);
    const attempts = said.stdout
      .split('\n')
      .filter((line) => line.includes('\t'))
      .map((line) => line.split('\t') as [name: string, how: string]);
    t.diagnostic(`${attempts.length} attempts${said.stdout.includes('is shown') ? ', its emulator shows what it sees' : ''}`);
    assert.ok(attempts.length >= attemptsMin, said.stdout + said.stderr);
    assert.deepEqual(
      attempts.filter(([, how]) => how.trim() !== 'blocked').map(([name]) => name),
      ['control: itself', 'control: metadata'],
    );
    // The targets were there, nobody has been spoken for, and the network has kept its own.
    for (const one of [neighbour, stranger]) {
      const there = await runAnyhow('ip', ['netns', 'exec', namespaceOf(one.InstanceId!), 'busybox', 'nc', '127.0.0.1', '7000']);
      assert.equal(there.stdout.toString().trim(), 'here');
      assert.equal(await whoIs(one.InstanceId!), one.InstanceId!);
    }
    const got = await haneulCommand(home, 'shell', neighbour.InstanceId!, '--', 'sh', '-c', 'cat /root/datagrams');
    assert.equal(got.stdout, '', 'a datagram came from an address that its sender does not have');
  });
});
