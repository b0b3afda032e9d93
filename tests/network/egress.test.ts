/** The way out of the machine, over a link that this test has made: what is beyond is a namespace, and no packet leaves it. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { egress } from '../../src/host/networks/egress.ts';
import { labelOf, namesFor } from '../../src/host/networks/names.ts';
import { programs } from '../../src/host/networks/programs.ts';
import { defaultRange } from '../../src/host/networks/public-range.ts';
import { run } from '../../src/host/programs.ts';
import { inside } from './callers.ts';
import { listening, missing, openGround, probe, type Ground, type Machine } from './ground.ts';
import { layPublicAndPrivate } from './public-and-private.ts';
import { worldBeyond } from './world-beyond.ts';

const { uplink, ownEnd, farEnd, beyond, server, privateServer, elsewhere, elsewhereServer, ...world } = worldBeyond();

/** A name server beyond, which knows one name; it ends with its input. */
const nameServer = `
import socket, struct, sys, threading
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("${farEnd}", 53))
def serve():
    while True:
        query, sender = s.recvfrom(2048)
        answer = query[:2] + b"\\x81\\x80" + query[4:6] + b"\\x00\\x01\\x00\\x00\\x00\\x00"
        end = query.index(b"\\0", 12) + 5
        s.sendto(answer + query[12:end] + b"\\xc0\\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton("${server}"), sender)
threading.Thread(target=serve, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
`;

async function serveNames(): Promise<() => void> {
  const child = spawn('ip', ['netns', 'exec', beyond, 'python3', '-c', nameServer], { stdio: ['pipe', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return () => child.stdin.end();
}

const isForwarding = async (device: string): Promise<boolean> =>
  (await readFile(`/proc/sys/net/ipv4/conf/${device}/forwarding`, 'utf8')).trim() === '1';
/** The table of a cloud's way out, by the end of its data directory's label. */
const egressTables = async (label: string): Promise<string[]> =>
  (await run('nft', ['list', 'tables']))
    .toString()
    .split('\n')
    .filter((line) => line.includes(`${label}-egress`));
const labelOfGround = ({ cloud }: Ground): string => labelOf(cloud.cloud.dataDirectory);

const servers = [beyond, elsewhere].map((namespace) => ({ namespace, tcp: [80], udp: [] }));
const tcp = (from: { namespace: string }, address: string, port = 80) => ({
  namespace: from.namespace,
  protocol: 'tcp' as const,
  address,
  port,
});
const resolved = (machine: Machine, name: string): Promise<unknown> =>
  inside(machine, `return resolve('${name}')`, { accessKeyId: '', secretAccessKey: '' });

test('without a way out instances reach nothing beyond the machine, and forwarding stays as it was', { skip: missing }, async (t) => {
  t.after(world.end);
  await world.make();
  const ground = await openGround();
  t.after(() => ground.close());
  const { publicMachine, privateMachine } = await layPublicAndPrivate(ground);
  const probes = [publicMachine, privateMachine].map((machine) => tcp(machine, server));
  assert.deepEqual(await probe(probes, servers), [false, false]);
  assert.equal(await resolved(publicMachine, 'www.example.com'), 'EREFUSED');
  assert.deepEqual([await isForwarding(uplink), await egressTables(labelOfGround(ground))], [false, []]);
});

test('instances reach what is beyond the uplink, and neither the machine nor what is private', { skip: missing }, async (t) => {
  t.after(world.end);
  await world.make();
  t.after(await serveNames());
  const ground = await openGround({ egress: { uplink, resolver: farEnd } });
  t.after(() => ground.close());
  const { publicMachine, privateMachine, publicAddress } = await layPublicAndPrivate(ground);
  const listener = createServer((socket) => socket.end('haneul'));
  await new Promise<void>((resolve) => listener.listen(0, ownEnd, resolve));
  t.after(() => listener.close());
  const { port } = listener.address() as AddressInfo;

  const out = [publicMachine, privateMachine].map((machine) => tcp(machine, server));
  const withheld = [
    ...[privateServer, elsewhereServer].map((address) => tcp(publicMachine, address)),
    tcp(publicMachine, ownEnd, port),
    tcp(publicMachine, '100.64.0.1', port),
  ];
  const inward = [tcp({ namespace: beyond }, publicAddress, 22), tcp({ namespace: beyond }, elsewhereServer)];
  const fromMachine = [
    tcp({ namespace: '' }, ownEnd, port),
    tcp({ namespace: '' }, privateServer),
    tcp({ namespace: '' }, elsewhereServer),
  ];
  const everything = async (): Promise<void> => {
    const asked = [...out, ...withheld, ...inward, ...fromMachine];
    const answered = await probe(asked, [...servers, listening(publicMachine)]);
    assert.deepEqual(
      answered,
      asked.map((one) => out.includes(one) || fromMachine.includes(one)),
    );
  };
  await everything();
  assert.deepEqual(await resolved(privateMachine, 'www.example.com'), [server]);
  assert.deepEqual(await resolved(privateMachine, 'sqs.us-east-1.amazonaws.com'), ['100.65.0.1']);
  assert.equal(await isForwarding(uplink), true);

  // What a killed process has left is found, and goes with the end of its successor.
  await ground.restart();
  await everything();
  await ground.cloud.cloud.reset();
  await ground.settled();
  assert.deepEqual([await isForwarding(uplink), await egressTables(labelOfGround(ground))], [false, []]);
});

test('what a killed process has left open is shut by one that opens nothing', { skip: missing }, async (t) => {
  t.after(world.end);
  await world.make();
  const names = namesFor('c0ffee');
  const program = programs(async (name) => name);
  await egress(names, program, uplink, defaultRange()).open();
  assert.deepEqual([await isForwarding(uplink), await egressTables('c0ffee')], [true, [`table inet ${names.hostDevice}-egress`]]);
  await egress(names, program, undefined, defaultRange()).open();
  assert.deepEqual([await isForwarding(uplink), await egressTables('c0ffee')], [false, []]);
  // Where the uplink forwarded before, it goes on.
  await writeFile(`/proc/sys/net/ipv4/conf/${uplink}/forwarding`, '1');
  const second = egress(names, program, uplink, defaultRange());
  await second.open();
  await second.release();
  assert.deepEqual([await isForwarding(uplink), await egressTables('c0ffee')], [true, []]);
});
