/** A cloud in the foreground, from the lock on its data directory to the last line of its log. */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createCloud, type Cloud } from '../cloud.ts';
import { createControl } from '../control/control.ts';
import { rootUser } from '../framework/principal.ts';
import { keptCertificate, type Certificate } from '../host/certificates.ts';
import { openLogFile } from '../host/log-file.ts';
import { identityOf } from '../host/process-identity.ts';
import type { DriverChoice } from '../host/machines/drivers.ts';
import { isInSky } from '../host/sky/inside.ts';
import type { EgressChoice } from '../host/networks/networks.ts';
import { openMessengers, type MessengerOptions } from '../host/messengers.ts';
import { openPeers, type Peer } from '../host/peers.ts';
import { thisHost } from '../host/this-host.ts';
import { consoleBuild } from './console-build.ts';
import { connectionVariables, type Connection } from './connection.ts';
import { takeDataDirectory } from './data-layout.ts';
import type { Environment } from './environment.ts';
import { runHooks, type HookStage } from './init-hooks.ts';
import { ensureRootKey, readRootKey, testKey } from './root-key.ts';
import { endpointOf, removeRunFile, writeRunFile } from './run-file.ts';
import { describeRemote, type RemotePlace } from '../store/remote/place.ts';
import { startFailure } from './start-failure.ts';
import { watchSignals, type StopSignals } from './stop-signals.ts';
import type { Terminal } from './terminal.ts';

export type ForegroundOptions = {
  port: number;
  host: string;
  clock: 'real' | 'manual' | undefined;
  testKey: boolean;
  newRootKey: boolean;
  tls: boolean;
  store: string | undefined;
  blobs: string | RemotePlace | undefined;
  messengers: MessengerOptions;
  peers: readonly Peer[];
  ec2Driver: DriverChoice;
  egress: EgressChoice | undefined;
  publicRange: string | undefined;
  dataDirectory: string;
  json: boolean;
  environment: Environment;
  terminal: Terminal;
};

const defaultAccount = '000000000000';
/** EX_SOFTWARE of sysexits(3). */
const faultExitCode = 70;

/** What a start has taken, given back in reverse. */
type Closer = () => Promise<void> | void;

/** Runs until a signal. Resolves to the exit code when everything is closed; rejects with CommandError when it cannot start. */
export async function runInForeground(options: ForegroundOptions): Promise<number> {
  const signals = watchSignals();
  const closers: Closer[] = [() => signals.unwatch()];
  try {
    const say = await prepare(options, signals, closers);
    await start(options, signals, say, closers);
    await signals.first;
    say('Stopping');
  } catch (error) {
    throw startFailure(error, options);
  } finally {
    for (const close of closers.reverse()) await close();
  }
  return 0;
}

/** Takes the directory and opens the log; everything said goes to the terminal and to the log. */
async function prepare(options: ForegroundOptions, signals: StopSignals, closers: Closer[]): Promise<(line: string) => void> {
  const lock = await takeDataDirectory(options.dataDirectory, options.environment.version);
  closers.push(() => lock.release());
  const file = openLogFile(join(options.dataDirectory, 'logs'));
  const say = (line: string): void => {
    file.write(line);
    if (!options.json) options.terminal.line(line);
  };
  const onCrash = (error: Error): void => {
    say(`Ended by a fault of Haneul's own: ${error.stack ?? error.message}`);
    process.exit(faultExitCode);
  };
  process.on('uncaughtException', onCrash);
  closers.push(() => {
    if (signals.stopping.aborted) say('Stopped.');
    process.off('uncaughtException', onCrash);
    file.close();
  });
  closers.push(() => removeRunFile(options.dataDirectory));
  say(`Haneul ${options.environment.version} on Node ${process.version}, data in ${options.dataDirectory}`);
  if (isInSky) say('Without root: instances run in namespaces of yours, and `haneul port-forward` leads into them');
  return say;
}

/** What the control API is told of this process. */
type Session = { token: string; startedAt: number; ready: boolean };

async function start(options: ForegroundOptions, signals: StopSignals, say: (line: string) => void, closers: Closer[]): Promise<void> {
  const { dataDirectory, environment } = options;
  const session: Session = { token: randomBytes(24).toString('base64url'), startedAt: Date.now(), ready: false };
  const cloud = await openCloud(options, session, say);
  closers.push(() => cloud.close());
  await provideRootKey(options, cloud, options.newRootKey, say);
  const connection = await openDoor(options, session, cloud);
  const hooks = (stage: HookStage): Promise<void> =>
    runHooks({
      dataDirectory,
      stage,
      variables: { ...environment.variables, ...connectionVariables(connection) },
      log: say,
      signal: stage === 'ready' ? signals.stopping : signals.hurried,
    });
  closers.push(() => hooks('shutdown'));
  await hooks('ready');
  session.ready = true;
  printConnection(options, connection, say);
}

function openCloud(options: ForegroundOptions, session: Session, say: (line: string) => void): Promise<Cloud> {
  const { environment, testKey: testKeyIsRoot } = options;
  return createCloud({
    dataDirectory: options.dataDirectory,
    ...(options.store !== undefined && { store: options.store }),
    ...(options.blobs !== undefined && { blobs: options.blobs }),
    ...(options.publicRange !== undefined && { publicRange: options.publicRange }),
    ...(options.clock && { clock: options.clock }),
    testKey: testKeyIsRoot,
    host: thisHost(
      environment.searchPath,
      options.dataDirectory,
      openMessengers(options.messengers),
      openPeers(options.peers),
      options.ec2Driver,
      options.egress,
    ),
    control: (cloud) =>
      createControl(cloud, {
        token: session.token,
        testKey: testKeyIsRoot,
        version: environment.version,
        startedAt: session.startedAt,
        ready: () => session.ready,
        places: placesOf(options),
        console: consoleBuild(environment.home, say),
        afterReset: () => provideRootKey(options, cloud, false, say),
      }),
    onProgress: say,
    log: say,
  });
}

function placesOf({ dataDirectory, store, blobs }: ForegroundOptions): { store: string; blobs: string } {
  return {
    store: store === undefined ? join(dataDirectory, 'store') : withoutPassword(store),
    blobs: typeof blobs === 'object' ? describeRemote(blobs) : (blobs ?? join(dataDirectory, 'blobs')),
  };
}

/** By text, for PostgreSQL's URLs may name a socket's directory where a URL has its host. */
function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/?]*):[^@/]*@/, '$1@').replace(/\?.*$/s, '');
}

async function provideRootKey(options: ForegroundOptions, cloud: Cloud, anew: boolean, say: (line: string) => void): Promise<void> {
  if (options.testKey) return;
  const { dataDirectory, environment } = options;
  const asRoot = cloud.awsAs(rootUser(defaultAccount), { account: defaultAccount, region: environment.region });
  const file = await ensureRootKey(asRoot, dataDirectory, anew);
  if (!file) return;
  say(`Minted a root access key: ${file}, readable by you alone; \`haneul env\` prints it.`);
  say('Delete the file once you keep the key elsewhere.');
}

/** Listens, and leaves word of it in the run file. */
async function openDoor(options: ForegroundOptions, session: Session, cloud: Cloud): Promise<Connection> {
  const { dataDirectory, environment, host } = options;
  const certificate: Certificate | undefined = options.tls ? await keptCertificate(join(dataDirectory, 'tls'), host) : undefined;
  const server = await cloud.listen({ host, port: options.port, ...(certificate && { tls: certificate }) });
  const scheme = certificate ? 'https' : 'http';
  const place = { scheme, host, port: server.port, ...(certificate && { authorityFile: certificate.authorityFile }) } as const;
  await writeRunFile(dataDirectory, {
    ...(await identityOf(process.pid))!,
    ...place,
    token: session.token,
    testKey: options.testKey,
    startedAt: new Date(session.startedAt).toISOString(),
    version: environment.version,
  });
  const key = options.testKey ? testKey : await readRootKey(dataDirectory);
  return { endpoint: endpointOf(place), region: environment.region, key, authorityFile: certificate?.authorityFile };
}

function printConnection(options: ForegroundOptions, connection: Connection, say: (line: string) => void): void {
  const { endpoint } = connection;
  const { dataDirectory, environment } = options;
  const elsewhere = dataDirectory === environment.dataDirectory ? '' : ` --data ${dataDirectory}`;
  if (options.json)
    options.terminal.line(JSON.stringify({ ready: true, endpoint, dataDirectory, pid: process.pid, testKey: options.testKey }));
  else {
    options.terminal.line();
    options.terminal.line(`The console: ${endpoint}/`);
    options.terminal.line('Connect any AWS tool with:');
    options.terminal.line(options.terminal.style('bold', `  eval "$(${environment.command} env${elsewhere})"`));
    if (options.testKey) {
      options.terminal.line('which is short for');
      for (const [name, value] of Object.entries(connectionVariables(connection)))
        options.terminal.line(options.terminal.style('dim', `  export ${name}=${value}`));
    }
    options.terminal.line();
  }
  say(`Listening at ${endpoint}`);
  say('Ready.');
}
