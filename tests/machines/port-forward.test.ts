/** `haneul port-forward`, as a user has it: bytes both ways, several ports, what is refused, and a clean end. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, suite, test, type TestContext } from 'node:test';
import * as Ec2 from '@aws-sdk/client-ec2';
import { eventually, leftBehind, needsRoot } from '../../src/host/machines/tests/workshop.ts';
import { clearAway, haneul as haneulCommand, makeHome, up, type Home, type RunningHaneul } from '../journeys/running-haneul.ts';

const program = join(import.meta.dirname, '..', '..', 'haneul');

type Forwarding = { child: ChildProcess; ports: number[]; rest: Promise<string>; errors: () => string };

void suite('ports of instances', { skip: needsRoot ?? false }, () => {
  let home: Home;
  let haneul: RunningHaneul;
  let id: string;

  before(async () => {
    home = await makeHome();
    haneul = await up(home);
    const config = { endpoint: haneul.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } };
    const ec2 = new Ec2.EC2Client(config);
    const { Images } = await ec2.send(new Ec2.DescribeImagesCommand({ Filters: [{ Name: 'name', Values: ['haneul-tiny'] }] }));
    // No rule of the instance's group lets anybody in. The second port greets before it is spoken to.
    const script = '#!/bin/sh\nnc -ll -p 7777 -e cat >/dev/null 2>&1 &\nnc -ll -p 7778 -e echo greetings >/dev/null 2>&1 &\n';
    const UserData = Buffer.from(script).toString('base64');
    const wanted = { ImageId: Images![0]!.ImageId!, InstanceType: 't3.micro' as const, MinCount: 1, MaxCount: 1, UserData };
    id = (await ec2.send(new Ec2.RunInstancesCommand(wanted))).Instances![0]!.InstanceId!;
    await eventually(async () => (await haneulCommand(home, 'console', id)).stdout.includes('finished after'));
  });
  after(async () => {
    await clearAway(home, haneul);
    assert.deepEqual(await leftBehind('port-carrier'), []);
  });

  const forward = async (t: TestContext, ...pairs: string[]): Promise<Forwarding> => {
    const child = spawn(program, ['port-forward', id, ...pairs], { env: home.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill('SIGKILL'));
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (words: string) => (errors += words));
    const ports: number[] = [];
    const lines = createInterface({ input: child.stdout });
    const said: string[] = [];
    const ready = Promise.withResolvers<void>();
    lines.on('line', (line) => {
      said.push(line);
      const [, port] = /^Listening at 127\.0\.0\.1:(\d+), which leads to port \d+ of i-/.exec(line) ?? [];
      if (port !== undefined && ports.push(Number(port)) === pairs.length) ready.resolve();
    });
    child.once('exit', (code) => ready.reject(new Error(`it ended with ${code}: ${errors}`)));
    const rest = once(lines, 'close').then(() => said.at(-1) ?? '');
    await ready.promise;
    return { child, ports, rest, errors: () => errors };
  };
  const end = async ({ child }: Forwarding, how: NodeJS.Signals): Promise<number | null> => {
    const gone = once(child, 'exit') as Promise<[number | null]>;
    child.kill(how);
    return (await gone)[0];
  };
  const call = (port: number, words: string | Buffer): Promise<string> => {
    const socket: Socket = connect({ host: '127.0.0.1', port });
    socket.end(words);
    return text(socket);
  };

  test('bytes go both ways over several ports, also many of them and many connections at once', async (t) => {
    const forwarding = await forward(t, ':7777', ':7778');
    const [echo, greet] = forwarding.ports as [number, number];
    await eventually(async () => (await call(greet, '').catch(() => '')) === 'greetings\n');
    const much = 'x'.repeat(3_000_000);
    assert.equal((await call(echo, much)).length, much.length);
    const many = Array.from({ length: 5 }, (_, at) => `call ${at}`);
    assert.deepEqual(await Promise.all(many.map((words) => call(echo, words))), many);
    assert.equal(await end(forwarding, 'SIGINT'), 0);
    assert.match(await forwarding.rest, /^Carried \d+ connections: 30000\d\d bytes to the instance, 30000\d\d from it\.$/);
  });

  test('a port where nobody listens breaks off, and the command goes on; killed, it leaves nothing in the network', async (t) => {
    const forwarding = await forward(t, ':7779', ':7778');
    await assert.rejects(call(forwarding.ports[0]!, 'hello'), { code: 'ECONNRESET' });
    await eventually(async () => forwarding.errors().includes(`port 7779 of ${id} did not take a connection: ECONNREFUSED`));
    assert.equal(await call(forwarding.ports[1]!, ''), 'greetings\n');
    await end(forwarding, 'SIGKILL');
    await eventually(async () => (await leftBehind('port-carrier')).length === 0);
  });

  test('what cannot be is refused in one line', async () => {
    const refusal = async (code: number, words: RegExp, ...parameters: string[]): Promise<void> => {
      const said = await haneulCommand(home, 'port-forward', ...parameters);
      assert.equal(said.code, code, said.stderr);
      assert.match(said.stderr, words);
    };
    await refusal(2, /only TCP is carried, not UDP/, id, '5353:53/udp');
    await refusal(2, /which instance and ports/, id);
    await refusal(1, /there is no machine i-00000000000000000/, 'i-00000000000000000', '8080:80');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await refusal(1, /another program listens there/, id, `${port}:80`);
    taken.close();
  });
});
