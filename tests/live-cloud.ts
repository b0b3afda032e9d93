/** A live cloud for tests: its own data directory, port 0, a frozen clock, and real SDK clients. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloud, type Cloud, type CloudOptions } from '../src/cloud.ts';

export type LiveCloud = {
  cloud: Cloud;
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  port: number;
  /** A client of the SDK, as root of 000000000000 unless given other credentials. */
  client<C>(Client: new (config: any) => C, config?: ClientConfig): C;
  /** Moves cloud time and waits until due background work is done. */
  advance(milliseconds: number): Promise<void>;
  /** Stops the cloud; `keep` leaves its data directory for a restart. */
  close(options?: { keep?: boolean }): Promise<void>;
  dataDirectory: string;
};

export type ClientConfig = { region?: string; credentials?: Credentials; [option: string]: unknown };
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

type SdkClient = { config: { systemClockOffset: number }; destroy(): void };

/** An SDK signs with its own clock; a cloud whose clock is frozen or advanced is to be met at its own time. */
const clockOffset = (cloud: Cloud): number => cloud.clock.now() - Date.now();

/** Root of any account under the test key: a 12-digit access key id with the secret `test`. */
export const rootOf = (account: string): Credentials => ({ accessKeyId: account, secretAccessKey: 'test' });

export async function startCloud(options: Partial<CloudOptions> = {}): Promise<LiveCloud> {
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'haneul-test-')));
  const cloud = await createCloud({
    clock: 'manual',
    rehearse: true,
    log: (line) => process.stderr.write(`${line}\n`),
    ...options,
    dataDirectory,
  });
  const server = await cloud.listen({ host: '127.0.0.1', port: 0 });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const clients: SdkClient[] = [];
  return {
    cloud,
    endpoint,
    port: server.port,
    dataDirectory,
    client: (Client, config = {}) => {
      const client = new Client({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 1,
        forcePathStyle: true,
        systemClockOffset: clockOffset(cloud),
        ...config,
      });
      clients.push(client as SdkClient);
      return client;
    },
    advance: async (milliseconds) => {
      await cloud.clock.advance(milliseconds);
      for (const client of clients) client.config.systemClockOffset = clockOffset(cloud);
      await cloud.settled();
    },
    close: async ({ keep = false } = {}) => {
      for (const client of clients) client.destroy();
      await cloud.close();
      if (!keep) await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
