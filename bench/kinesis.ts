/** Kinesis: PutRecords of 500 records of 1 KB against one loop that appends as many bytes and syncs them, interleaved in one run. */

import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHaneul } from './haneul.ts';
import { load } from './load.ts';
import { cpuMicroseconds, median, type Server } from './processes.ts';
import { signedJson } from './sign.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const CALLS = Number(process.env['CALLS'] ?? 200);
const CONNECTIONS = 8;
const RECORDS = 500;
const RECORD_BYTES = 1_000;
/** A shard takes 1 MiB a second, so it takes many to keep a disk busy. */
const SHARDS = 600;

export type KinesisFigures = {
  /** Megabytes of data a second; each call's records in one shard, or spread over all shards. */
  oneShardACall: number;
  spread: number;
  appendAndSync: number;
  /** Of the server, for each call of 500 records. */
  cpuMicroseconds: number;
};

const call = (port: number, operation: string, input: object): Buffer =>
  signedJson(port, 'kinesis', '1.1', `Kinesis_20131202.${operation}`, input);

async function send(port: number, operation: string, input: object): Promise<void> {
  const result = await load({ port, connections: 1, total: 1, request: () => call(port, operation, input) });
  if (result.failures > 0) throw new Error(`${operation}: ${result.firstFailure}`);
}

const hashKeys = 1n << 128n;
const data = Buffer.alloc(RECORD_BYTES, 'x').toString('base64');

/** Calls whose records go to one shard each, in turn, or to a shard each. */
function putCalls(port: number, spread: boolean): Buffer[] {
  return Array.from({ length: CALLS }, (_, n) => {
    const Records = Array.from({ length: RECORDS }, (__, i) => {
      const shard = BigInt((spread ? i : n) % SHARDS);
      return { Data: data, PartitionKey: 'bench', ExplicitHashKey: ((hashKeys * shard) / BigInt(SHARDS) + 1n).toString() };
    });
    return call(port, 'PutRecords', { StreamName: 'bench', Records });
  });
}

async function puts(server: Server, spread: boolean): Promise<{ megabytesPerSecond: number; cpu: number }> {
  const requests = putCalls(server.port, spread);
  let failed = 0;
  const before = cpuMicroseconds(server.pid);
  const result = await load({
    port: server.port,
    connections: CONNECTIONS,
    total: CALLS,
    request: (n) => requests[n]!,
    onResponse: (text) => void (failed += /"FailedRecordCount":0[,}]/.test(text) ? 0 : 1),
  });
  if (result.failures + failed > 0) throw new Error(`${result.failures} calls failed, ${failed} were throttled: ${result.firstFailure}`);
  return {
    megabytesPerSecond: (result.perSecond * RECORDS * RECORD_BYTES) / 1e6,
    cpu: (cpuMicroseconds(server.pid) - before) / CALLS,
  };
}

async function appends(directory: string): Promise<number> {
  const bytes = Buffer.alloc(RECORDS * RECORD_BYTES, 'x');
  const file = await open(join(directory, 'log'), 'w');
  const begun = performance.now();
  for (let i = 0; i < CALLS; i++) {
    await file.write(bytes);
    await file.datasync();
  }
  const seconds = (performance.now() - begun) / 1_000;
  await file.close();
  return (CALLS * bytes.length) / 1e6 / seconds;
}

export async function measureKinesis(): Promise<KinesisFigures> {
  const server = await startHaneul();
  const directory = await mkdtemp(join(tmpdir(), 'haneul-bench-log-'));
  const [one, spread, log, cpu] = [[], [], [], []] as [number[], number[], number[], number[]];
  try {
    await send(server.port, 'CreateStream', { StreamName: 'bench', ShardCount: SHARDS });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    for (let round = 0; round <= ROUNDS; round++) {
      const first = await puts(server, false);
      await new Promise((resolve) => setTimeout(resolve, 1_000)); // shards fill their share again
      const second = await puts(server, true);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const third = await appends(directory);
      if (round === 0) continue; // warms up
      one.push(first.megabytesPerSecond);
      cpu.push(first.cpu);
      spread.push(second.megabytesPerSecond);
      log.push(third);
    }
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
  return { oneShardACall: median(one), spread: median(spread), appendAndSync: median(log), cpuMicroseconds: median(cpu) };
}

if (import.meta.main) {
  const figures = await measureKinesis();
  console.log(
    `PutRecords of ${RECORDS} x ${RECORD_BYTES} bytes, a shard a call: ${figures.oneShardACall.toFixed(0)} MB/s, ${figures.cpuMicroseconds.toFixed(0)} us CPU a call`,
  );
  console.log(`PutRecords of ${RECORDS} x ${RECORD_BYTES} bytes, spread over ${SHARDS} shards: ${figures.spread.toFixed(0)} MB/s`);
  console.log(`append and fdatasync: ${figures.appendAndSync.toFixed(0)} MB/s`);
  console.log(
    `ratio: ${(figures.oneShardACall / figures.appendAndSync).toFixed(2)} (goal 0.5), spread ${(figures.spread / figures.appendAndSync).toFixed(2)}`,
  );
}
