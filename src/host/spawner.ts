/** Programs of this machine, started by a small process that does nothing else (spawner.pl): to fork Node stops it for milliseconds. */

import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket as Datagrams } from 'node:dgram';
import { accessSync, constants } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export type SpawnRequest = {
  /** The program and what it is given. */
  words: readonly string[];
  environment: Readonly<Record<string, string>>;
  input: Uint8Array;
  /** After this it is killed. */
  milliseconds: number;
  /** More output than this ends it. */
  bytesMax: number;
  /** The path of the network namespace in which it runs; this process's own when absent. */
  network?: string | undefined;
  /**
   * The path of a file for what it prints. The program then outlives this process, in a session of its own, and is not waited for:
   * `stdout` is what it has said to descriptor 3 when it closes that.
   */
  log?: string | undefined;
};

export type SpawnAnswer = {
  /** `failed` when it could not be run, `time` and `bytes` when it went beyond what it was given. */
  ending: { kind: 'code' | 'signal'; number: number } | { kind: 'time' | 'bytes' } | { kind: 'failed'; reason: string };
  stdout: Buffer;
  stderr: Buffer;
};

/** Where a socket is opened: in a network namespace, given by its path. */
export type SocketPlace = { network: string; protocol: 'tcp' | 'udp'; address: string; port: number };

type Answer = SpawnAnswer & { handle?: Server | Datagrams };
type Waiting = { kind: Kind; resolve: (answer: Answer) => void; reject: (error: Error) => void };
type Kind = 'run' | 'outlive' | 'listen';
type Spawner = { ask(kind: Kind, request: SpawnRequest): Promise<Answer>; hasEnded: boolean };

const perl = '/usr/bin/perl';
const program = join(import.meta.dirname, 'spawner.pl');

const socketMillisecondsMax = 60_000;
/** Without a free descriptor this process does not get it. */
const handMillisecondsMax = 10_000;

const done: SpawnAnswer = { ending: { kind: 'code', number: 0 }, stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

let present: Spawner | undefined;
let isPossible: boolean | undefined;

/** Whether this machine can have one: Linux with perl, which Debian always has. Elsewhere Node starts programs itself. */
export function canSpawn(): boolean {
  isPossible ??= process.platform === 'linux' && isExecutable(perl);
  return isPossible;
}

/** Runs a program to its end, or until it has said what there is to say. Rejects only when the small process itself is lost. */
export const spawnProgram = (request: SpawnRequest): Promise<SpawnAnswer> => ask(request.log === undefined ? 'run' : 'outlive', request);

/** Opens a socket that this process did not open itself, since it is not in that network. Rejects when the address is taken or not there. */
export async function openSocket({ network, protocol, address, port }: SocketPlace): Promise<Server | Datagrams> {
  const words = [protocol, address, String(port)];
  const limits = { milliseconds: socketMillisecondsMax, bytesMax: 1, input: Buffer.alloc(0), environment: {} };
  const { ending, handle } = await ask('listen', { words, network, ...limits });
  if (handle) return handle;
  throw new Error(`no socket at ${address}:${port} in ${network}: ${ending.kind === 'failed' ? ending.reason : ending.kind}`);
}

function ask(kind: Kind, request: SpawnRequest): Promise<Answer> {
  if (!present || present.hasEnded) present = openSpawner();
  return present.ask(kind, request);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // what forbids it does not matter: it is not used
  }
}

/** It ends with this process, whose end it sees by its standard input; it keeps nobody from ending. */
function openSpawner(): Spawner {
  const child = spawn(perl, [program], { env: { LC_ALL: 'C' }, stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
  const [requests, answers] = [child.stdin!, child.stdout!];
  const waiting = new Map<number, Waiting>();
  let asked = 0;
  const spawner: Spawner = {
    hasEnded: false,
    ask: (kind, request) =>
      new Promise((resolve, reject) => {
        if (waiting.size === 0) hold(child, true);
        waiting.set(++asked, { kind, resolve, reject });
        requests.write(requestMessage(asked, kind, request));
      }),
  };
  const lost = (error?: Error): void => {
    spawner.hasEnded = true;
    const words = 'the process that starts programs has ended';
    for (const { reject } of waiting.values()) reject(new Error(words, { cause: error }));
    waiting.clear();
  };
  child.on('error', lost);
  child.on('close', () => lost());
  requests.on('error', lost);
  const settle = (number: number, answer: Answer): void => {
    const one = waiting.get(number);
    if (!one) return;
    waiting.delete(number);
    if (waiting.size === 0) hold(child, false);
    one.resolve(answer);
  };
  child.on('message', (number: number, handle) => settle(number, { ...done, handle: handle as Server | Datagrams }));
  readMessages(answers, (parts) => {
    const [told, words, stdout, stderr] = parts as [Buffer, Buffer, Buffer, Buffer];
    const [number, ending] = [Number(told.toString()), endingOf(words.toString())];
    // A socket comes by another way, sooner or later than the word that it has been sent.
    if (waiting.get(number)?.kind === 'listen' && ending.kind === 'code')
      setTimeout(settle, handMillisecondsMax, number, { ...done, ending: { kind: 'failed', reason: 'it was lost on its way' } }).unref();
    else settle(number, { ending, stdout, stderr });
  });
  hold(child, false);
  return spawner;
}

/** Whether this process goes on for it. */
function hold(child: ChildProcess, isHeld: boolean): void {
  for (const handle of [child, child.stdin as Socket, child.stdout as Socket, child.channel])
    if (isHeld) handle?.ref();
    else handle?.unref();
}

function requestMessage(number: number, kind: Kind, request: SpawnRequest): Buffer {
  const { words, environment, input, milliseconds, bytesMax, network = '', log = '' } = request;
  const told = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return message([String(number), kind, String(milliseconds), String(bytesMax), network, log, input, told.join('\0'), ...words]);
}

function message(parts: readonly (string | Uint8Array)[]): Buffer {
  const pieces = parts.flatMap((part) => {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    return [lengthOf(bytes.length), bytes];
  });
  return Buffer.concat([lengthOf(pieces.reduce((total, { length }) => total + length, 0)), ...pieces]);
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}

function readMessages(from: Readable, take: (parts: Buffer[]) => void): void {
  let chunks: Buffer[] = [];
  let bytes = 0;
  let wanted = 4;
  from.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    while (bytes >= wanted) {
      const whole = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes);
      chunks = [whole];
      const length = 4 + whole.readUInt32BE(0);
      if (bytes < length) {
        wanted = length;
        break;
      }
      take(partsOf(whole.subarray(4, length)));
      chunks = [whole.subarray(length)];
      bytes -= length;
      wanted = 4;
    }
  });
}

function partsOf(text: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < text.length;) {
    const end = at + 4 + text.readUInt32BE(at);
    parts.push(text.subarray(at + 4, end));
    at = end;
  }
  return parts;
}

function endingOf(words: string): SpawnAnswer['ending'] {
  const [kind, ...rest] = words.split(' ');
  if (kind === 'code' || kind === 'signal') return { kind, number: Number(rest[0]) };
  return kind === 'failed' ? { kind, reason: rest.join(' ').trim() } : { kind: kind as 'time' | 'bytes' };
}
