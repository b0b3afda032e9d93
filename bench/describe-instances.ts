/**
 * DescribeInstances of 1,000 instances, from the bytes of the request to the last byte of the answer, beside writing the same answer alone,
 * in turns. The host is simulated, the API is not. `node bench/describe-instances.ts`, ROUNDS=30.
 */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as Ec2 from '@aws-sdk/client-ec2';
import { createCloud } from '../src/cloud.ts';
import { simulatedHost } from '../src/host/simulated/host.ts';
import { loadModel } from '../src/protocols/models.ts';
import { formatOutput } from '../src/protocols/reply.ts';
import { signed } from './sign.ts';

const rounds = Number(process.env['ROUNDS'] ?? 30);
const count = 1000;

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
async function timed(act: () => unknown): Promise<number> {
  const begun = process.hrtime.bigint();
  await act();
  return Number(process.hrtime.bigint() - begun) / 1e6;
}

/** Sends one request; resolves to how many bytes came back. */
async function call(port: number, request: Buffer): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  let bytes = 0;
  socket.on('data', (piece: Buffer) => (bytes += piece.length));
  socket.write(request);
  await once(socket, 'end');
  return bytes;
}

const dataDirectory = await mkdtemp(join(tmpdir(), 'haneul-bench-'));
const cloud = await createCloud({ dataDirectory, host: simulatedHost() });
try {
  const { port } = await cloud.listen({ host: '127.0.0.1', port: 0 });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ec2 = new Ec2.EC2Client({ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials });
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  const TagSpecifications = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'Name', Value: 'one of many' }] }];
  const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't2.nano' as const, MinCount: count, MaxCount: count, TagSpecifications };
  await ec2.send(new Ec2.RunInstancesCommand(wanted));
  const running = { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] };
  const found = async (): Promise<Ec2.DescribeInstancesCommandOutput> => ec2.send(new Ec2.DescribeInstancesCommand(running));
  let output = await found();
  while (output.Reservations?.[0]?.Instances?.length !== count) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    output = await found();
  }
  const model = loadModel('ec2');
  const operation = model.operations.get('DescribeInstances')!;
  const { $metadata: _shown, ...answer } = output;
  const body = Buffer.from(`Action=DescribeInstances&Version=2016-11-15`);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' };
  const own: number[] = [];
  const bare: number[] = [];
  let bytes = 0;
  for (let round = -3; round < rounds; round++) {
    const alone = await timed(() =>
      formatOutput(model, 'ec2Query', operation, answer, { requestId: '01234567-89ab-cdef-0123-456789abcdef' }),
    );
    const request = signed({ method: 'POST', path: '/', headers, body, service: 'ec2', port });
    const whole = await timed(async () => (bytes = await call(port, request)));
    if (round < 0) continue; // what is compiled at first use
    bare.push(alone);
    own.push(whole);
  }
  const [mine, other] = [median(own), median(bare)];
  console.log('| what | Haneul | bare | ratio | goal | |\n|---|---|---|---|---|---|');
  console.log(
    `| DescribeInstances of 1,000 (${(bytes / 1024 ** 2).toFixed(1)} MiB), beside writing it | ${mine.toFixed(0)} ms | ${other.toFixed(0)} ms | ${(mine / other).toFixed(2)} | ≤ 2 | ${mine / other <= 2 ? 'met' : '**missed**'} |`,
  );
  ec2.destroy();
} finally {
  await cloud.close();
  await rm(dataDirectory, { recursive: true });
}
