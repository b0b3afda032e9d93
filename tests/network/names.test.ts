/** The name server of a VPC, asked by its guests over the network. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { decode, encode } from 'dns-packet';
import { missing, openGround } from './ground.ts';

/** Sends one question from a namespace and gives the answer's code and data, or undefined where none came. */
async function ask(namespace: string, server: string, name: string, type: 'A' | 'PTR'): Promise<unknown[] | undefined> {
  const question = encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ type, name }] });
  const script =
    'import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.settimeout(3)\n' +
    's.sendto(sys.stdin.buffer.read(),(sys.argv[1],53))\ntry: sys.stdout.buffer.write(s.recv(4096))\nexcept OSError: pass\n';
  const output = await new Promise<Buffer>((resolve, reject) => {
    const child = spawn('/usr/sbin/ip', ['netns', 'exec', namespace, 'python3', '-c', script, server], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(pieces)));
    child.stdin.end(question);
  });
  if (output.length === 0) return undefined;
  const answer = decode(output) as ReturnType<typeof decode> & { rcode: string };
  return [answer.rcode, ...(answer.answers ?? []).map((one) => (one as { data: unknown }).data)];
}

test('guests ask their own name server for the names of their VPC', { skip: missing }, async (t) => {
  const ground = await openGround();
  t.after(() => ground.close());
  const { ec2 } = ground;
  const { Vpc } = await ec2.send(new Ec2.CreateVpcCommand({ CidrBlock: '10.44.0.0/16' }));
  const { Subnet } = await ec2.send(new Ec2.CreateSubnetCommand({ VpcId: Vpc!.VpcId!, CidrBlock: '10.44.1.0/24' }));
  const machine = await ground.machine({ SubnetId: Subnet!.SubnetId!, PrivateIpAddress: '10.44.1.9' });
  await ground.settled();
  const { namespace } = machine;
  for (const server of ['10.44.0.2', '169.254.169.253'])
    assert.deepEqual(await ask(namespace, server, 'ip-10-44-1-9.ec2.internal', 'A'), ['NOERROR', '10.44.1.9']);
  assert.deepEqual(await ask(namespace, '10.44.0.2', 'ip-10-44-1-8.ec2.internal', 'A'), ['NXDOMAIN']);
  assert.deepEqual(await ask(namespace, '10.44.0.2', 'example.org', 'A'), ['REFUSED']);
  assert.deepEqual(await ask(namespace, '10.44.0.2', '9.1.44.10.in-addr.arpa', 'PTR'), ['NOERROR', 'ip-10-44-1-9.ec2.internal']);

  await ground.restart();
  assert.deepEqual(await ask(namespace, '10.44.0.2', 'ip-10-44-1-9.ec2.internal', 'A'), ['NOERROR', '10.44.1.9']);
  await ground.ec2.send(new Ec2.ModifyVpcAttributeCommand({ VpcId: Vpc!.VpcId!, EnableDnsSupport: { Value: false } }));
  await ground.settled();
  assert.equal(await ask(namespace, '10.44.0.2', 'ip-10-44-1-9.ec2.internal', 'A'), undefined);
});
