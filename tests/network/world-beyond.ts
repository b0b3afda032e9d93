/** A world beyond this machine, for tests: namespaces at the end of links that the test makes. No packet leaves them. */

import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { run } from '../../src/host/programs.ts';

export type World = {
  /** The link that leads out, the machine's address on it, and that of the other end. */
  uplink: string;
  ownEnd: string;
  farEnd: string;
  /** Where `server` and `privateServer` are; the one has an address for benchmarks (RFC 2544), the other one in a private range. */
  beyond: string;
  server: string;
  privateServer: string;
  /** Behind another link of the machine. */
  elsewhere: string;
  elsewhereServer: string;
  make(): Promise<void>;
  end(): Promise<void>;
};

/** One link leads to a public and a private server, another to a network that instances have no business with. */
export function worldBeyond(): World {
  // Two test files at one time have two worlds.
  const number = process.pid % 16_384;
  const [third, fourth] = [number >> 6, (number % 64) * 4];
  const [beyond, elsewhere] = ['beyond', 'elsewhere'].map((name) => `test-${name}-${basename(tmpdir())}-${process.pid}`) as [
    string,
    string,
  ];
  const [uplink, other] = [`hnt-up-${number}`, `hnt-ot-${number}`];
  const near = `198.18.${third}`;
  const far = `198.19.${third}`;
  const world = {
    ...{ uplink, ownEnd: `${near}.${fourth + 1}`, farEnd: `${near}.${fourth + 2}`, beyond, elsewhere },
    ...{ server: `${far}.${fourth}`, privateServer: `10.99.${third}.${fourth}`, elsewhereServer: `${far}.${fourth + 3}` },
  };
  const ownElsewhere = `${far}.${fourth + 2}`;
  const ip = (...words: string[]): Promise<unknown> => run('ip', words);
  return {
    ...world,
    make: async () => {
      await ip('netns', 'add', beyond);
      await ip('netns', 'add', elsewhere);
      await ip('link', 'add', uplink, 'type', 'veth', 'peer', 'name', 'outer', 'netns', beyond);
      await ip('link', 'add', other, 'type', 'veth', 'peer', 'name', 'outer', 'netns', elsewhere);
      await ip('addr', 'add', `${world.ownEnd}/30`, 'dev', uplink);
      await ip('addr', 'add', `${ownElsewhere}/31`, 'dev', other);
      for (const device of [uplink, other]) await ip('link', 'set', device, 'up');
      for (const [namespace, address] of [
        [beyond, `${world.farEnd}/30`],
        [elsewhere, `${world.elsewhereServer}/31`],
      ] as const) {
        await ip('-n', namespace, 'addr', 'add', address, 'dev', 'outer');
        for (const device of ['outer', 'lo']) await ip('-n', namespace, 'link', 'set', device, 'up');
      }
      for (const address of [world.server, world.privateServer]) {
        await ip('-n', beyond, 'addr', 'add', `${address}/32`, 'dev', 'lo');
        await ip('route', 'add', `${address}/32`, 'via', world.farEnd, 'dev', uplink);
      }
      // It knows how to come in, and may try.
      for (const network of ['100.64.0.0/16', `${world.elsewhereServer}/32`])
        await ip('-n', beyond, 'route', 'add', network, 'via', world.ownEnd);
      await ip('-n', elsewhere, 'route', 'add', 'default', 'via', ownElsewhere);
    },
    end: async () => {
      for (const device of [uplink, other]) await ip('link', 'del', device);
      for (const namespace of [beyond, elsewhere]) await ip('netns', 'del', namespace);
    },
  };
}
