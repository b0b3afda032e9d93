/** How far the metadata service's tokens travel: to the instance, and to what hangs behind it where that is allowed. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { run, runAnyhow } from '../../src/host/programs.ts';
import { missing, openGround } from './ground.ts';

const service = 'http://169.254.169.254/latest';
const behind = `test-behind-instance-${process.pid}`;

/** A namespace that an instance forwards for, as the bridge of its containers would. */
async function hangBehind(instance: string): Promise<void> {
  await run('ip', ['netns', 'add', behind]);
  await run('ip', ['-n', instance, 'link', 'add', 'docker0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', behind]);
  await run('ip', ['-n', instance, 'addr', 'add', '172.17.0.1/16', 'dev', 'docker0']);
  await run('ip', ['-n', instance, 'link', 'set', 'docker0', 'up']);
  await run('ip', ['-n', behind, 'addr', 'add', '172.17.0.2/16', 'dev', 'eth0']);
  await run('ip', ['-n', behind, 'link', 'set', 'eth0', 'up']);
  await run('ip', ['-n', behind, 'route', 'add', 'default', 'via', '172.17.0.1']);
  await run('ip', ['netns', 'exec', instance, 'sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  const chain = 'add chain ip nat out { type nat hook postrouting priority 100; }';
  const rules = `add table ip nat; ${chain}; add rule ip nat out ip saddr 172.17.0.0/16 masquerade`;
  await run('ip', ['netns', 'exec', instance, 'nft', rules]);
}

/** What was answered, or undefined when nothing came. */
async function ask(namespace: string, ...parameters: string[]): Promise<string | undefined> {
  const given = ['netns', 'exec', namespace, 'curl', '-sf', '--max-time', '4', ...parameters];
  const { code, stdout } = await runAnyhow('ip', given);
  return code === 0 ? stdout.toString() : undefined;
}

const seconds = 'X-aws-ec2-metadata-token-ttl-seconds: 60';
const token = (namespace: string): Promise<string | undefined> => ask(namespace, '-X', 'PUT', '-H', seconds, `${service}/api/token`);

test(
  'the answer with a token travels as far as the hop limit says, from the moment in which it is changed',
  { skip: missing },
  async (t) => {
    const ground = await openGround({ instances: 'simulated' });
    t.after(() => ground.close());
    const { ec2 } = ground;
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
    const launch = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
    const MetadataOptions = { HttpTokens: 'optional' as const };
    const { Instances } = await ec2.send(new Ec2.RunInstancesCommand({ ...launch, MetadataOptions }));
    const InstanceId = Instances![0]!.InstanceId!;
    await ground.settled();
    const instance = ground.namespaceOf(InstanceId);
    t.after(() => run('ip', ['netns', 'del', behind]));
    await hangBehind(instance);

    assert.ok(await token(instance));
    assert.equal(await token(behind), undefined);
    // Only answers to PUT are held back: of the first version, and with a token brought by another way, the rest is open.
    assert.equal(await ask(behind, `${service}/meta-data/instance-id`), InstanceId);
    // Nor does a token come over a connection that has carried something else.
    const thenToken = ['--next', '-sf', '--max-time', '4', '-X', 'PUT', '-H', seconds, `${service}/api/token`];
    assert.equal(await ask(behind, `${service}/meta-data/instance-id`, ...thenToken), undefined);

    const limit = (HttpPutResponseHopLimit: number) =>
      ec2.send(new Ec2.ModifyInstanceMetadataOptionsCommand({ InstanceId, HttpPutResponseHopLimit }));
    await limit(2);
    const far = await token(behind);
    assert.equal(await ask(behind, '-H', `X-aws-ec2-metadata-token: ${far}`, `${service}/meta-data/instance-id`), InstanceId);
    await limit(1);
    assert.equal(await token(behind), undefined);
    await limit(64);
    assert.ok(await token(behind));
  },
);

/** Sends all it has to say, says so, and reads: as nc does, by which images ask. */
const speaker = `
import socket, sys
s = socket.create_connection(("169.254.169.254", 80))
s.sendall(sys.stdin.buffer.read())
s.shutdown(socket.SHUT_WR)
sys.stdout.write(s.makefile().read())
`;

test(
  'an image learns from its metadata service whom to trust, over a connection that it has closed at its end',
  { skip: missing },
  async (t) => {
    const ground = await openGround({ instances: 'simulated' });
    t.after(() => ground.close());
    const { Images } = await ground.ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
    const launch = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1 };
    const { Instances } = await ground.ec2.send(new Ec2.RunInstancesCommand(launch));
    await ground.settled();
    const within = ['netns', 'exec', ground.namespaceOf(Instances![0]!.InstanceId!)];
    const input = 'GET /latest/haneul/authority HTTP/1.0\r\n\r\n';
    const told = await run('ip', [...within, 'python3', '-c', speaker], { input });
    const authority = await ground.cloud.cloud.host.networks.authority();
    assert.ok(told.toString().replaceAll('\r', '').endsWith(authority), told.toString());
  },
);
