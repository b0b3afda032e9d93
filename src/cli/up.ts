/** `haneul up` */

import { checkedPublicRange, PublicRangeRefused } from '../framework/public-addresses.ts';
import { isLoopback } from '../framework/local-names.ts';
import { driverChoices, type DriverChoice } from '../host/machines/drivers.ts';
import type { EgressChoice } from '../host/networks/networks.ts';
import { interfaceWithin } from '../host/networks/machine-addresses.ts';
import { isInSky } from '../host/sky/inside.ts';
import { parsePeer, type Peer } from '../host/peers.ts';
import { CommandError, dataOption, defineCommand, exitCodes } from './command.ts';
import { blobPlace } from './blob-place.ts';
import { enterOwnSky } from './own-sky.ts';
import { dataDirectoryOf } from './running-cloud.ts';

export const up = defineCommand({
  name: 'up',
  summary: 'run a cloud in the foreground',
  options: {
    port: { type: 'string', short: 'p', value: 'PORT', help: 'port (default: 4566; 0 picks a free one)' },
    host: { type: 'string', value: 'ADDRESS', help: 'address to listen on (default: 127.0.0.1)' },
    data: dataOption,
    tls: { type: 'boolean', help: 'speak HTTPS with a certificate of its own, kept in DATA/tls' },
    'no-test-key': { type: 'boolean', help: 'test/test is nobody; needed to listen beyond this machine' },
    'new-root-key': { type: 'boolean', help: "replace the root user's access keys by a new one, for when they are lost" },
    clock: { type: 'string', value: 'real|manual', help: 'manual freezes the clock on first use; `haneul clock` moves it' },
    store: { type: 'string', value: 'URL', help: 'keep records in PostgreSQL: postgres://user@host/database' },
    smtp: { type: 'string', value: 'URL', help: 'send e-mail through smtp://user:password@host:port (default: the mailbox keeps it)' },
    'sms-webhook': { type: 'string', value: 'URL', help: 'post text messages there as JSON' },
    'push-webhook': { type: 'string', value: 'URL', help: 'post push notifications there as JSON' },
    peer: {
      type: 'string',
      value: 'REGION=URL,…',
      help: 'regions in other Haneuls, for global tables: eu-west-1=https://KEY:SECRET@host:port (better in HANEUL_PEERS)',
    },
    'ec2-driver': {
      type: 'string',
      value: 'container|machine|auto',
      help: 'what instances are: containers (default as root), machines with kernels of their own (without), or those where KVM works (auto)',
    },
    egress: {
      type: 'string',
      value: 'INTERFACE|auto|none',
      help: 'let instances reach the internet over an interface of this machine, or that of its default route (default: none)',
    },
    'egress-resolver': {
      type: 'string',
      value: 'ADDRESS',
      help: "the name server for instances' names beyond AWS's, with --egress (default: that of this machine)",
    },
    'public-range': {
      type: 'string',
      value: 'CIDR',
      help: 'where public addresses of instances come from (default: that of the last start, at first 100.64.0.0/16)',
    },
    blobs: {
      type: 'string',
      value: 'PLACE',
      help: 'keep bytes of objects in a directory, or in s3://bucket?endpoint=… (default: DATA/blobs)',
    },
  },
  details: [
    'Runs until it is stopped: Ctrl-C, `haneul stop` or SIGTERM; a second signal ends it at once. Nothing acknowledged is lost either way.',
    'Executable files in DATA/init/ready.d run once it is up, those in DATA/init/shutdown.d before it stops, with AWS_* set.',
    '',
    '--blobs s3://bucket/prefix?endpoint=https://…&region=…&profile=… keeps them in any S3, under the key of AWS_ACCESS_KEY_ID and',
    'AWS_SECRET_ACCESS_KEY or of a profile in the credentials file. A cloud keeps the place with which it began.',
    '',
    '--egress needs root and nftables. What instances send leaves under the address of the interface; the machine itself, private networks',
    'and other interfaces stay out of their reach, and nobody outside can begin a connection to them. It ends when Haneul stops.',
    '',
    '--public-range is kept for later starts. Two clouds on one machine need two of them, and no network of the machine may have addresses',
    'of it. It cannot change while an instance or an elastic address has one of the old range.',
    '',
    'Without the test key, the first start mints a root access key into DATA/root-key.json; `haneul env` prints it.',
  ].join('\n'),
  async run({ values, environment, terminal }) {
    const port = portFrom(values.port ?? '4566');
    const host = values.host ?? '127.0.0.1';
    const clock = clockFrom(values.clock);
    const testKey = !values['no-test-key'];
    if (testKey && values['new-root-key']) throw wrong('--new-root-key goes with --no-test-key: the test key is root already');
    if (testKey && host !== 'localhost' && !isLoopback(host)) {
      throw wrong(
        `--host ${host} would let the network in while anyone may be root with test/test; add --no-test-key, then \`haneul env\` prints a root key of your own`,
      );
    }
    // Not parsed here: a URL with a socket's directory in place of a host is PostgreSQL's own form. Not echoed: it may hold a password.
    if (values.store !== undefined && !/^postgres(ql)?:\/\/./.test(values.store))
      throw wrong('--store takes postgres://user@host/database');
    // Not echoed either.
    if (values.smtp !== undefined && !(URL.canParse(values.smtp) && /^smtps?:$/.test(new URL(values.smtp).protocol)))
      throw wrong('--smtp takes smtp://host:port or smtps://host:port');
    for (const name of ['sms-webhook', 'push-webhook'] as const) {
      const url = values[name];
      if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)))
        throw wrong(`--${name} takes http://… or https://…`);
    }
    const peers = peersFrom(values.peer?.split(',') ?? environment.peers);
    const ec2Driver = driverFrom(values['ec2-driver']);
    const egress = await egressFrom(values.egress, values['egress-resolver']);
    const publicRange = rangeFrom(values['public-range']);
    const dataDirectory = dataDirectoryOf(values, environment);
    await enterOwnSky(dataDirectory, environment);
    const { runInForeground } = await import('./foreground.ts');
    return runInForeground({
      port,
      host,
      clock,
      testKey,
      newRootKey: values['new-root-key'] ?? false,
      tls: values.tls ?? false,
      store: values.store,
      blobs: values.blobs === undefined ? undefined : await blobPlace(values.blobs, environment),
      messengers: { smtp: values.smtp, smsWebhook: values['sms-webhook'], pushWebhook: values['push-webhook'] },
      peers,
      ec2Driver,
      egress,
      publicRange,
      dataDirectory,
      json: values.json ?? false,
      environment,
      terminal,
    });
  },
});

function portFrom(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw wrong(`--port takes a number up to 65535, not '${text}'`);
  return port;
}

function clockFrom(text: string | undefined): 'real' | 'manual' | undefined {
  if (text === undefined || text === 'real' || text === 'manual') return text;
  throw wrong(`--clock takes real or manual, not '${text}'`);
}

/** In a sky there are machines alone. */
function driverFrom(text: string = isInSky ? 'machine' : 'container'): DriverChoice {
  const choice = driverChoices.find((name) => name === text);
  if (!choice) throw wrong(`--ec2-driver takes ${driverChoices.join(', ')}, not '${text}'`);
  return isInSky && choice === 'auto' ? 'machine' : choice;
}

/** @returns the range, of which no interface of the machine but Haneul's own has an address. */
function rangeFrom(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const range = checkedPublicRange(text);
    const holder = interfaceWithin(range);
    if (holder) throw new PublicRangeRefused(`'${text}' cannot be the range of public addresses: ${holder} of this machine has one of it`);
    return range;
  } catch (error) {
    if (error instanceof PublicRangeRefused) throw wrong(`--public-range: ${error.message}`);
    throw error;
  }
}

async function egressFrom(uplink = 'none', resolver: string | undefined): Promise<EgressChoice | undefined> {
  if (uplink === 'none' && resolver !== undefined) throw wrong('--egress-resolver goes with --egress');
  if (uplink === 'none') return undefined;
  const [{ serverOf }, { uplinkNamed }] = await Promise.all([
    import('../host/networks/outside-names.ts'),
    import('../host/networks/uplink.ts'),
  ]);
  if (resolver !== undefined && !serverOf(resolver)) throw wrong(`--egress-resolver takes an address, not '${resolver}'`);
  return {
    resolver,
    uplink: await uplinkNamed(uplink).catch((error: Error) => {
      throw wrong(`--egress: ${error.message}`);
    }),
  };
}

/** Not echoed: they hold secrets. */
function peersFrom(texts: readonly string[]): Peer[] {
  try {
    return texts.map(parsePeer);
  } catch (error) {
    throw wrong(`--peer: ${(error as Error).message}`);
  }
}

function wrong(message: string): CommandError {
  return new CommandError(message, exitCodes.wrongUsage);
}
