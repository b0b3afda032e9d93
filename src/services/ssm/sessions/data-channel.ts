/** The WebSocket of a session: opened by the token that StartSession gave, and then a terminal in the instance. */

import { timingSafeEqual } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../../../framework/http-message.ts';
import { MachineFailed, type MachineTerminal } from '../../../framework/machines.ts';
import type { PageMeans } from '../../../framework/service.ts';
import type { WebSocketEnd, WebSocketListener } from '../../../framework/web-socket.ts';
import { channelsMax, terminalSideMax, tokenMilliseconds } from '../limits.ts';
import { sessions, type Session } from '../tables.ts';
import { decodeMessage, encodeMessage, flags, payloadTypes, type AgentMessage, type MessageType } from './agent-message.ts';
import { hashOf } from './operations.ts';

const path = /^\/_aws\/ssm\/data-channel\/([\w+=,.@-]{1,96})$/;
/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const closeCodes = { done: 1000, refused: 1008, failed: 1011, busy: 1013 } as const;
const firstSize = { columns: 80, rows: 24 };
/** Messages that wait while a terminal opens; the socket is paused, so these are those of one piece. */
const waitingMax = 64;
/** Pieces of output that may be on their way, unacknowledged: the client's pace is kept. */
const windowMessages = 64;
let channels = 0;

export async function dataChannel(means: PageMeans, request: HttpRequest): Promise<HttpResponse | undefined> {
  const id = path.exec(request.rawPath)?.[1];
  if (id === undefined) return undefined;
  if (!request.webSocket)
    return { status: 426, headers: { upgrade: 'websocket', 'content-type': 'text/plain' }, body: 'This is a WebSocket.\n' };
  return { status: 101, headers: {}, webSocket: (end) => openChannel(means, decodeURIComponent(id), end) };
}

/** The first message carries the token; until it is known to be right nothing else is done. */
function openChannel(means: PageMeans, id: string, end: WebSocketEnd): WebSocketListener {
  let channel: Channel | undefined;
  /** What a client sends at once behind its token. */
  let waiting: Buffer[] | undefined;
  let gone = false;
  const admit = async (data: Buffer): Promise<void> => {
    end.pause();
    const session = await take(means, id, tokenOf(data));
    if (!session) return end.close(closeCodes.refused, 'The token does not open this session.');
    if (channels >= channelsMax) return end.close(closeCodes.busy, 'Too many terminals are open.');
    channels++;
    try {
      const terminal = await means.host.machines.terminal(session.target, firstSize);
      channel = createChannel(means, session, end, terminal);
      if (gone) terminal.stream.destroy();
      for (const message of waiting!) channel.take(message);
      end.resume();
      void channel.run();
      await terminal.ended;
      await over(means, session);
    } finally {
      channels--;
    }
  };
  return {
    message: (data, binary) => {
      if (waiting && !binary) return;
      if (channel) return channel.take(data);
      if (waiting) return void (waiting.length < waitingMax && waiting.push(data));
      waiting = [];
      void admit(data).catch((error: unknown) => {
        if (!(error instanceof MachineFailed)) means.log(`ssm: the terminal of ${id}: ${String(error)}`);
        end.close(closeCodes.failed, error instanceof MachineFailed ? error.message.slice(0, 100) : 'The terminal could not be opened.');
      });
    },
    closed: () => {
      gone = true;
      channel?.hangUp();
    },
  };
}

/** What a client says in JSON; nothing where it says something else. */
function membersOf(data: Buffer): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(data.toString('utf8')) as object) };
  } catch {
    // Not JSON.
    return {};
  }
}

function tokenOf(data: Buffer): string {
  const { TokenValue } = membersOf(data);
  return typeof TokenValue === 'string' ? TokenValue : '';
}

/** The session that a token opens, which it does once. */
async function take({ store, clock }: PageMeans, id: string, token: string): Promise<Session | undefined> {
  const given = Buffer.from(hashOf(token));
  const openedAt = clock.now();
  return store.write(async (tx) => {
    const session = await sessions.get(tx, id);
    if (!session || session.openedAt !== undefined || session.endedAt !== undefined) return undefined;
    const wanted = Buffer.from(session.token);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted) || openedAt - session.startedAt > tokenMilliseconds)
      return undefined;
    await sessions.put(tx, { ...session, openedAt });
    return session;
  });
}

async function over({ store, clock }: PageMeans, { id }: Session): Promise<void> {
  const endedAt = clock.now();
  await store.write(async (tx) => {
    const session = await sessions.get(tx, id);
    if (session && session.endedAt === undefined) await sessions.put(tx, { ...session, endedAt });
  });
}

type Channel = { take(data: Buffer): void; run(): Promise<void>; hangUp(): void };

function createChannel(means: PageMeans, session: Session, end: WebSocketEnd, { stream, resize }: MachineTerminal): Channel {
  const { random, clock, store } = means;
  let sent = 0;
  let expected = 0;
  let acknowledged = 0;
  let wake: (() => void) | undefined;
  const send = (type: MessageType, payload: Buffer, more: Partial<AgentMessage> = {}): Promise<void> => {
    const message = { type, payload, id: random.uuid(), created: clock.now(), sequence: 0, flags: flags.none, payloadType: 0 };
    return end.send(encodeMessage({ ...message, ...more }));
  };
  const acknowledge = ({ type, id, sequence }: AgentMessage): void => {
    const told = {
      AcknowledgedMessageType: type,
      AcknowledgedMessageId: id,
      AcknowledgedMessageSequenceNumber: sequence,
      IsSequentialMessage: true,
    };
    void send('acknowledge', Buffer.from(JSON.stringify(told)), { flags: flags.first | flags.last });
  };
  const watched = store.watch(sessions.prefix)[Symbol.asyncIterator]();
  /** Until the record says that the session is over. */
  const watch = async (): Promise<void> => {
    for (let next = await watched.next(); !next.done; next = await watched.next()) {
      const now = await store.read((tx) => sessions.get(tx, session.id));
      if (now?.endedAt === undefined) continue;
      stream.destroy();
      wake?.();
      break;
    }
  };
  return {
    take: (data) => {
      const message = decodeMessage(data);
      if (message?.type === 'acknowledge') {
        acknowledged = Math.min(sent, Math.max(acknowledged, acknowledgedUpTo(message.payload)));
        return wake?.();
      }
      if (message?.type !== 'input_stream_data' || message.sequence > expected) return;
      acknowledge(message);
      // Sent again because an acknowledgement was late.
      if (message.sequence < expected) return;
      expected++;
      if (message.payloadType === payloadTypes.size) return asSize(message.payload, resize);
      if (message.payloadType !== payloadTypes.output || stream.destroyed || stream.write(message.payload)) return;
      end.pause();
      stream.once('drain', () => end.resume());
    },
    run: async () => {
      void watch();
      try {
        for await (const payload of stream as AsyncIterable<Buffer>) {
          const flag = sent === 0 ? flags.first : flags.none;
          await send('output_stream_data', payload, { sequence: sent++, payloadType: payloadTypes.output, flags: flag });
          while (sent - acknowledged >= windowMessages && !stream.destroyed) await new Promise<void>((resolve) => (wake = resolve));
        }
      } catch {
        // Hung up on.
      }
      const told = { MessageType: 'channel_closed', SessionId: session.id, SchemaVersion: 1, Output: '' };
      await send('channel_closed', Buffer.from(JSON.stringify({ ...told, MessageId: random.uuid(), DestinationId: session.id })));
      end.close(closeCodes.done);
      await watched.return?.();
    },
    hangUp: () => {
      stream.destroy();
      wake?.();
    },
  };
}

/** How many messages a client has, by what it says of the last one. */
function acknowledgedUpTo(payload: Buffer): number {
  const { AcknowledgedMessageType: type, AcknowledgedMessageSequenceNumber: sequence } = membersOf(payload);
  return type === 'output_stream_data' && typeof sequence === 'number' ? sequence + 1 : 0;
}

/** Where it is no size the terminal keeps its own. */
function asSize(payload: Buffer, resize: MachineTerminal['resize']): void {
  const { cols, rows } = membersOf(payload);
  const fits = (side: unknown): side is number => Number.isInteger(side) && (side as number) > 0 && (side as number) <= terminalSideMax;
  if (fits(cols) && fits(rows)) resize({ columns: cols, rows });
}
