/** The WebSocket of a session: opened by the token that StartSession gave, and then a terminal in the instance, or a way to a port. */

import { timingSafeEqual } from 'node:crypto';
import type { HttpRequest, HttpResponse } from '../../../framework/http-message.ts';
import { MachineFailed } from '../../../framework/machines.ts';
import type { PageMeans } from '../../../framework/service.ts';
import type { WebSocketEnd, WebSocketListener } from '../../../framework/web-socket.ts';
import { channelsMax, tokenMilliseconds } from '../limits.ts';
import { sessions, type Session } from '../tables.ts';
import type { Channel } from './channel.ts';
import { membersOf } from './conversation.ts';
import { hashOf } from './operations.ts';
import { openPortChannel } from './port-channel.ts';
import { openTerminalChannel } from './terminal-channel.ts';

const path = /^\/_aws\/ssm\/data-channel\/([\w+=,.@-]{1,96})$/;
/** https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 */
const closeCodes = { refused: 1008, failed: 1011, busy: 1013 } as const;
/** Messages that wait while a channel opens; the socket is paused, so these are those of one piece. */
const waitingMax = 64;
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
    if (channels >= channelsMax) return end.close(closeCodes.busy, 'Too many sessions are open.');
    channels++;
    try {
      channel = await (session.way ? openPortChannel(means, session, session.way, end) : openTerminalChannel(means, session, end));
      if (gone) channel.hangUp();
      for (const message of waiting!) channel.take(message);
      end.resume();
      const watched = watch(means, session, channel);
      await channel.run();
      await watched();
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
        if (!(error instanceof MachineFailed)) means.log(`ssm: the session ${id}: ${String(error)}`);
        end.close(closeCodes.failed, error instanceof MachineFailed ? error.message.slice(0, 100) : 'The session could not be opened.');
      });
    },
    closed: () => {
      gone = true;
      channel?.hangUp();
    },
  };
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

/** Hangs up when the record says that the session is over. Gives what ends the watch. */
function watch({ store }: PageMeans, { id }: Session, channel: Channel): () => Promise<unknown> {
  const changes = store.watch(sessions.prefix)[Symbol.asyncIterator]();
  const look = async (): Promise<void> => {
    for (let next = await changes.next(); !next.done; next = await changes.next()) {
      const now = await store.read((tx) => sessions.get(tx, id));
      if (now?.endedAt === undefined) continue;
      channel.hangUp();
      break;
    }
  };
  void look();
  return async () => changes.return?.();
}
