/** A session that leads to a port: many connections at once, as the plugin's listener takes them, or the one that SSH speaks over. */

import type { Duplex } from 'node:stream';
import type { MachinePorts } from '../../../framework/machines.ts';
import type { PageMeans } from '../../../framework/service.ts';
import type { WebSocketEnd } from '../../../framework/web-socket.ts';
import { heldBytesMax, streamsMax } from '../limits.ts';
import type { Session } from '../tables.ts';
import { payloadTypes, type AgentMessage } from './agent-message.ts';
import type { Channel } from './channel.ts';
import { createConversation } from './conversation.ts';
import type { Way } from './documents.ts';
import { commands, encodeFrame, frameReader } from './smux.ts';

/** One from which on plugins multiplex, end sessions by a flag, and keep no smux alive. */
const agentVersion = '3.3.0.0';
/** What a payload of the kind `flag` says, as a number of four bytes. */
const said = { terminate: 2, cannotConnect: 3 } as const;
const pieceBytes = 16 * 1024;

/** Rejects with MachineFailed where the instance's network cannot be entered. */
export async function openPortChannel(means: PageMeans, session: Session, way: Way, end: WebSocketEnd): Promise<Channel> {
  const ports = await means.host.machines.ports(session.target);
  const { promise: over, resolve: hangUp } = Promise.withResolvers<void>();
  const begunAt = means.clock.now();
  const hears = ({ payloadType, payload }: AgentMessage): void => {
    if (payloadType === payloadTypes.handshakeResponse)
      return void say(completed(means.clock.now() - begunAt), payloadTypes.handshakeComplete);
    if (payloadType === payloadTypes.output) return lines.take(payload);
    if (payloadType !== payloadTypes.flag || payload.length < 4) return;
    if (payload.readUInt32BE(0) === said.terminate) hangUp();
  };
  const { take, say, release, finish } = createConversation(means, session, end, { hears });
  const lines = (way.local ? shared : single)({ connect: () => ports.connect(way.port, way.host), say, hangUp, pace: paceOf(end) });
  return {
    take,
    hangUp,
    run: async () => {
      void say(handshake(way), payloadTypes.handshakeRequest);
      await Promise.race([over, ports.ended]);
      release();
      lines.destroy();
      ports.close();
      await finish();
    },
  };
}

function handshake({ port, host, local }: Way): Buffer {
  const Properties = {
    portNumber: String(port),
    ...(host !== undefined && { host }),
    ...(local && { type: 'LocalPortForwarding', localPortNumber: local.port }),
  };
  const actions = [{ ActionType: 'SessionType', ActionParameters: { SessionType: 'Port', Properties } }];
  return Buffer.from(JSON.stringify({ AgentVersion: agentVersion, RequestedClientActions: actions }));
}

const completed = (milliseconds: number): Buffer =>
  Buffer.from(JSON.stringify({ HandshakeTimeToComplete: milliseconds * 1_000_000, CustomerMessage: '' }));

/** Counts what waits to be written, and lets the client wait while it is much. */
function paceOf(end: WebSocketEnd) {
  let held = 0;
  let paused = false;
  return (stream: Duplex, data: Buffer): void => {
    held += data.length;
    if (held > heldBytesMax && !paused) {
      paused = true;
      end.pause();
    }
    stream.write(data, () => {
      held -= data.length;
      if (!paused || held > heldBytesMax / 2) return;
      paused = false;
      end.resume();
    });
  };
}

type Means = {
  connect(): ReturnType<MachinePorts['connect']>;
  say(payload: Buffer, payloadType?: number): Promise<void>;
  hangUp(): void;
  pace(stream: Duplex, data: Buffer): void;
};
type Lines = { take(data: Buffer): void; destroy(): void };

/** Reads to the end. An end that broke off is an end. */
async function pump(stream: Duplex, piece: (data: Buffer) => Promise<void>): Promise<void> {
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>)
      for (let at = 0; at < chunk.length; at += pieceBytes) await piece(chunk.subarray(at, at + pieceBytes));
  } catch {
    stream.destroy();
  }
}

const cannotConnect = (say: Means['say']): void => {
  const flag = Buffer.alloc(4);
  flag.writeUInt32BE(said.cannotConnect);
  void say(flag, payloadTypes.flag);
};

/** A connection to the port for each that the client takes. */
function shared({ connect, say, hangUp, pace }: Means): Lines {
  type Line = { stream?: Duplex; waiting: Buffer[]; ended: boolean };
  const open = new Map<number, Line>();
  const read = frameReader();
  const begin = async (id: number, line: Line): Promise<void> => {
    try {
      const stream = await connect();
      // Forgotten meanwhile: the session is over.
      if (open.get(id) !== line) return void stream.destroy();
      line.stream = stream.on('error', () => stream.destroy());
      for (const data of line.waiting.splice(0)) pace(stream, data);
      if (line.ended) finish(id, stream);
      await pump(stream, (data) => say(encodeFrame(commands.data, id, data)));
    } catch {
      // None listens there, or the instance has ended.
      cannotConnect(say);
    }
    if (open.get(id) !== line) return;
    await say(encodeFrame(commands.end, id));
    line.ended = true;
    if (line.stream) finish(id, line.stream);
    open.delete(id);
  };
  /** Whoever has ended one side listens no more: what it said before is still given to the port. */
  const finish = (id: number, stream: Duplex): void => {
    open.delete(id);
    stream.end(() => stream.destroy());
  };
  const takeFrame = (command: number, id: number, data: Buffer): void => {
    const line = open.get(id);
    if (command === commands.open && !line) {
      if (open.size >= streamsMax) return void say(encodeFrame(commands.end, id));
      const fresh: Line = { waiting: [], ended: false };
      open.set(id, fresh);
      return void begin(id, fresh);
    }
    if (!line || line.ended) return;
    if (command === commands.data) return void (line.stream ? pace(line.stream, data) : line.waiting.push(Buffer.from(data)));
    if (command !== commands.end) return;
    line.ended = true;
    if (line.stream) finish(id, line.stream);
  };
  return {
    take: (bytes) => {
      try {
        for (const { command, stream, data } of read(bytes)) takeFrame(command, stream, data);
      } catch {
        // It speaks something else: a plugin from before 2020.
        hangUp();
      }
    },
    destroy: () => {
      for (const { stream } of open.values()) stream?.destroy();
      open.clear();
    },
  };
}

/** The one connection of a client's own input and output, made when it first speaks: what comes before that, plugins do not hear. */
function single({ connect, say, hangUp, pace }: Means): Lines {
  let stream: Duplex | undefined;
  let waiting: Buffer[] | undefined;
  let gone = false;
  const begin = async (): Promise<void> => {
    try {
      const made = await connect();
      if (gone) return void made.destroy();
      stream = made.on('error', () => made.destroy());
      for (const data of waiting!.splice(0)) pace(made, data);
      await pump(made, say);
    } catch {
      cannotConnect(say);
    }
    hangUp();
  };
  return {
    take: (data) => {
      if (stream) return pace(stream, data);
      if (waiting) return void waiting.push(data);
      waiting = [data];
      void begin();
    },
    destroy: () => {
      gone = true;
      stream?.destroy();
    },
  };
}
