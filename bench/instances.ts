/**
 * How long an instance takes until its SSH server greets and until its user data has run, beside a script that does the same by the bare
 * means of the host, in turns; fifty at once, and the memory of each; machines with kernels of their own on each emulator that is here.
 * As root: `node bench/instances.ts [containers|fifty|uml|tcg …]`, ROUNDS=5.
 */

import { mkdtempSync } from 'node:fs';
import { glob, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as Ec2 from '@aws-sdk/client-ec2';
import { labelOf, namesFor } from '../src/host/networks/names.ts';
import { openBare, run, watch, type Bare, type BareMachine } from './bare/bare-machines.ts';
import { haneulEnvironment } from './haneul.ts';
import { freePort, start, type Server } from './processes.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
const many = Number(process.env['MANY'] ?? 50);
/** That the user data has run shows by a port. */
const doneport = 7001;
const userData = `#!/bin/sh\nnc -ll -p ${doneport} -e /bin/true >/dev/null 2>&1 &\n`;
/** How many bare machines are started at one time, one a core here. */
const atOnce = 2;

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)} ms`;
const row = (what: string, haneul: number, bare: number, goal: number, unit = milliseconds): void =>
  console.log(
    `| ${what} | ${unit(haneul)} | ${unit(bare)} | ${(haneul / bare).toFixed(2)} | ≤ ${goal} | ${haneul / bare <= goal ? 'met' : '**missed**'} |`,
  );

type Cloud = Server & { ec2: Ec2.EC2Client; data: string; image: string; subnet: string; namespace: string; addresses: Iterator<string> };

/** @param hide a program that it is not to find. */
async function openCloud(hide?: string): Promise<Cloud> {
  const port = await freePort();
  const data = mkdtempSync(join(tmpdir(), 'haneul-bench-'));
  const launcher = [join(import.meta.dirname, '..', 'haneul'), 'up', '--port', String(port), '--data', data];
  // The root's mount alone becomes private, so that namespaces of networks are seen outside as ever.
  const hidden = ['-c', 'mount --make-private / && mount --bind /dev/null "$0" && exec "$@"', hide ?? ''];
  const words = hide === undefined ? launcher : ['unshare', '--mount', '--propagation', 'unchanged', 'sh', ...hidden, ...launcher];
  const server = await start(words[0]!, words.slice(1), /Ready\.$/, port, haneulEnvironment);
  const ec2 = new Ec2.EC2Client({
    ...{ endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } },
  });
  const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
  const { Subnets } = await ec2.send(new Ec2.DescribeSubnetsCommand({ Filters: [{ Name: 'availability-zone', Values: ['us-east-1a'] }] }));
  const [a, b, c] = Subnets![0]!.CidrBlock!.split('.').map(Number);
  const addresses = (function* () {
    for (let at = 0; ; at++) yield `${a}.${b}.${c! + 1 + Math.floor(at / 250)}.${1 + (at % 250)}`;
  })();
  const half = { ...server, ec2, data, image: Images![0]!.ImageId!, subnet: Subnets![0]!.SubnetId!, addresses };
  const cloud = { ...half, namespace: '' };
  // The first makes image, network and caches, and is where the others are watched from.
  const vantage = await launch(cloud, 'container', 1);
  await reach(cloud, vantage, 'running');
  cloud.namespace = namesFor(labelOf(data)).namespace(vantage[0]!.InstanceId!);
  await watch(cloud.namespace, [`${vantage[0]!.PrivateIpAddress!}:22`]).all;
  return cloud;
}

async function launch(cloud: Cloud, driver: string, count: number, address?: string): Promise<Ec2.Instance[]> {
  const tags = [{ ResourceType: 'instance' as const, Tags: [{ Key: 'haneul:driver', Value: driver }] }];
  const { Instances } = await cloud.ec2.send(
    new Ec2.RunInstancesCommand({
      ...{
        ImageId: cloud.image,
        InstanceType: 't3.nano',
        MinCount: count,
        MaxCount: count,
        SubnetId: cloud.subnet,
        TagSpecifications: tags,
      },
      ...{ UserData: Buffer.from(userData).toString('base64'), ...(address !== undefined && { PrivateIpAddress: address }) },
    }),
  );
  return Instances!;
}

async function terminate(cloud: Cloud, found: readonly Ec2.Instance[]): Promise<void> {
  const InstanceIds = found.map(({ InstanceId }) => InstanceId!);
  await cloud.ec2.send(new Ec2.TerminateInstancesCommand({ InstanceIds }));
  await reach(cloud, found, 'terminated');
}

async function reach(cloud: Cloud, found: readonly Ec2.Instance[], state: string): Promise<void> {
  const InstanceIds = found.map(({ InstanceId }) => InstanceId!);
  for (;;) {
    const { Reservations } = await cloud.ec2.send(new Ec2.DescribeInstancesCommand({ InstanceIds }));
    if (Reservations!.every(({ Instances }) => Instances!.every(({ State }) => State!.Name === state))) return;
    await pause(100);
  }
}

async function closeCloud(cloud: Cloud): Promise<void> {
  await run(join(import.meta.dirname, '..', 'haneul'), ['reset', '--yes', '--data', cloud.data]);
  cloud.ec2.destroy();
  await cloud.stop();
  await rm(cloud.data, { recursive: true, force: true });
}

type Times = { ssh: number[]; done: number[] };

async function timed(times: Times, namespace: string, address: string, begin: () => Promise<unknown>): Promise<void> {
  const answers = watch(namespace, [`${address}:22`, `${address}:${doneport}`]);
  await begin();
  times.ssh.push(await answers.until(`${address}:22`));
  times.done.push(await answers.until(`${address}:${doneport}`));
}

async function compare(cloud: Cloud, driver: string, bare: Bare, begin: () => Promise<BareMachine>): Promise<{ own: Times; other: Times }> {
  const own: Times = { ssh: [], done: [] };
  const other: Times = { ssh: [], done: [] };
  for (let round = 0; round < rounds; round++) {
    let machine: BareMachine;
    await timed(other, bare.namespace, bare.nextAddress(), async () => (machine = await begin()));
    await machine!.end();
    const address = cloud.addresses.next().value as string;
    let found: Ec2.Instance[] = [];
    await timed(own, cloud.namespace, address, async () => (found = await launch(cloud, driver, 1, address)));
    await terminate(cloud, found);
  }
  return { own, other };
}

async function containers(cloud: Cloud, bare: Bare): Promise<void> {
  const { own, other } = await compare(cloud, 'container', bare, bare.container);
  row('run-instances to sshd, container', median(own.ssh), median(other.ssh), 1.6);
  row('run-instances to user data done, container', median(own.done), median(other.done), 1.8);
}

async function fifty(cloud: Cloud, bare: Bare): Promise<void> {
  const own: number[] = [];
  const other: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < Math.max(1, Math.floor(rounds / 2)); round++) {
    const ports = Array.from({ length: many }, (_, at) => `${bare.nextAddress(at)}:22`);
    const bareAnswers = watch(bare.namespace, ports);
    const machines: BareMachine[] = [];
    const lane = async (): Promise<void> => {
      while (machines.length + waiting < many) {
        waiting++;
        const machine = await bare.container();
        waiting--;
        machines.push(machine);
      }
    };
    let waiting = 0;
    await Promise.all(Array.from({ length: atOnce }, lane));
    other.push(await bareAnswers.all);
    for (const machine of machines) await machine.end();
    const begun = process.hrtime.bigint();
    const found = await launch(cloud, 'container', many);
    const asked = Number(process.hrtime.bigint() - begun) / 1e9;
    own.push(
      asked +
        (await watch(
          cloud.namespace,
          found.map(({ PrivateIpAddress }) => `${PrivateIpAddress!}:22`),
        ).all),
    );
    memory.push((await proportionalBytes(found.map(({ InstanceId }) => InstanceId!))) / many / 1024 ** 2);
    await terminate(cloud, found);
  }
  row(`${many} instances at once to the last sshd, container; bare ${atOnce} at a time`, median(own), median(other), 1.5);
  row(`memory of each of ${many} (PSS, its supervisor included), beside 5 MiB`, median(memory), 5, 1, (value) => `${value.toFixed(1)} MiB`);
}

/** Memory of all processes in or of instances, shared pages by their share. */
async function proportionalBytes(ids: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (name: string): Promise<string> => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
    const told = `${await read('cmdline')}${await read('cgroup')}`;
    if (!ids.some((id) => told.includes(id))) continue;
    bytes += 1024 * Number(/^Pss:\s+(\d+)/m.exec(await read('smaps_rollup'))?.[1] ?? 0);
  }
  return bytes;
}

async function machines(cloud: Cloud, bare: Bare, emulator: 'uml' | 'tcg', note: string): Promise<void> {
  // Haneul's own kernel for QEMU is made with its first machine.
  const first = await launch(cloud, 'machine', 1);
  await reach(cloud, first, 'running');
  await terminate(cloud, first);
  const kernel = { image: '', initramfs: '' };
  for await (const path of glob(join(cloud.data, 'virtual-kernels', '*', 'initramfs')))
    Object.assign(kernel, { initramfs: path, image: join(path, '..', 'vmlinuz') });
  const { own, other } = await compare(cloud, 'machine', bare, () => bare.machine(emulator, kernel));
  row(`run-instances to sshd, machine, ${note}`, median(own.ssh), median(other.ssh), 1.5);
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['containers', 'fifty', 'uml', 'tcg'];
console.log('| what | Haneul | bare | ratio | goal | |\n|---|---|---|---|---|---|');
for (const hide of [undefined, '/usr/bin/linux.uml']) {
  const parts = wanted.filter((name) => (name === 'tcg') === (hide !== undefined));
  if (parts.length === 0) continue;
  const cloud = await openCloud(hide);
  const bare = await openBare(join(cloud.data, 'images/haneul-tiny/root.ext4'), userData);
  try {
    if (parts.includes('containers')) await containers(cloud, bare);
    if (parts.includes('fifty')) await fifty(cloud, bare);
    if (parts.includes('uml')) await machines(cloud, bare, 'uml', 'user-mode-linux');
    if (parts.includes('tcg')) await machines(cloud, bare, 'tcg', 'QEMU without KVM');
  } finally {
    await bare.close();
    await closeCloud(cloud);
  }
}
