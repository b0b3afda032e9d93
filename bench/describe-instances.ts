/**
 * DescribeInstances of 1,000 instances, from the bytes of the request to the last byte of the answer, beside writing the same answer alone,
 * in turns: with nothing changed since the last call, and with one of them changed; by the clock, and by the processor, which other work on the
 * machine moves less. The host is simulated, the API is not. `node bench/describe-instances.ts`, ROUNDS=30.
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
type Times = { clock: number; processor: number };
async function timed(act: () => unknown): Promise<Times> {
  const [begun, used] = [process.hrtime.bigint(), process.cpuUsage()];
  await act();
  const { user, system } = process.cpuUsage(used);
  return { clock: Number(process.hrtime.bigint() - begun) / 1e6, processor: (user + system) / 1000 };
}

function row(what: string, own: readonly Times[], bare: readonly Times[]): void {
  for (const by of ['clock', 'processor'] as const) {
    const [mine, other] = [median(own.map((times) => times[by])), median(bare.map((times) => times[by]))];
    const ratio = mine / other;
    console.log(
      `| ${what}, by the ${by} | ${mine.toFixed(0)} ms | ${other.toFixed(0)} ms | ${ratio.toFixed(2)} | ≤ 2 | ${ratio <= 2 ? 'met' : '**missed**'} |`,
    );
  }
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
  const changed = output.Reservations![0]!.Instances![count / 2]!.InstanceId!;
  console.log('| what | Haneul | bare | ratio | goal | |\n|---|---|---|---|---|---|');
  for (const changes of [false, true]) {
    const own: Times[] = [];
    const bare: Times[] = [];
    let bytes = 0;
    for (let round = -3; round < rounds; round++) {
      if (changes) await ec2.send(new Ec2.CreateTagsCommand({ Resources: [changed], Tags: [{ Key: 'round', Value: String(round) }] }));
      const alone = await timed(() =>
        formatOutput(model, 'ec2Query', operation, answer, { requestId: '01234567-89ab-cdef-0123-456789abcdef' }),
      );
      const request = signed({ method: 'POST', path: '/', headers, body, service: 'ec2', port });
      const whole = await timed(async () => (bytes = await call(port, request)));
      if (round < 0) continue; // what is compiled at first use
      bare.push(alone);
      own.push(whole);
    }
    const size = `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
    row(`DescribeInstances of 1,000 (${size})${changes ? ', one changed since' : ''}, beside writing it`, own, bare);
  }
  ec2.destroy();
} finally {
  await cloud.close();
  await rm(dataDirectory, { recursive: true });
}
