/** What is said over a session's channel in both directions: numbered, acknowledged, and each thing once. */

import type { PageMeans } from '../../../framework/service.ts';
import type { WebSocketEnd } from '../../../framework/web-socket.ts';
import type { Session } from '../tables.ts';
import { decodeMessage, encodeMessage, flags, payloadTypes, type AgentMessage, type MessageType } from './agent-message.ts';

const closeDone = 1000;

export type Conversation = {
  /** Resolves when the client may be told more. */
  say(payload: Buffer, payloadType?: number): Promise<void>;
  /** What the client has sent. */
  take(data: Buffer): void;
  /** Nobody waits for the client any more. */
  release(): void;
  /** Tells that the session is over, and closes. */
  finish(): Promise<void>;
};

export type ConversationOptions = {
  /** Pieces that may be on their way, unacknowledged: the client's pace is kept. Where it is absent, the socket keeps it alone. */
  window?: number;
  /** What the client says, in its order, each once. */
  hears: (message: AgentMessage) => void;
};

export function createConversation(
  { random, clock }: PageMeans,
  { id }: Session,
  end: WebSocketEnd,
  { window = Infinity, hears }: ConversationOptions,
): Conversation {
  let sent = 0;
  let expected = 0;
  let acknowledged = 0;
  let released = false;
  let room = Promise.withResolvers<void>();
  const wake = (): void => {
    room.resolve();
    room = Promise.withResolvers();
  };
  const send = (type: MessageType, payload: Buffer, more: Partial<AgentMessage> = {}): Promise<void> => {
    const message = { type, payload, id: random.uuid(), created: clock.now(), sequence: 0, flags: flags.none, payloadType: 0 };
    return end.send(encodeMessage({ ...message, ...more }));
  };
  const acknowledge = ({ type, id: message, sequence }: AgentMessage): void => {
    const told = {
      AcknowledgedMessageType: type,
      AcknowledgedMessageId: message,
      AcknowledgedMessageSequenceNumber: sequence,
      IsSequentialMessage: true,
    };
    void send('acknowledge', Buffer.from(JSON.stringify(told)), { flags: flags.first | flags.last });
  };
  return {
    take: (data) => {
      const message = decodeMessage(data);
      if (message?.type === 'acknowledge') {
        acknowledged = Math.min(sent, Math.max(acknowledged, acknowledgedUpTo(message.payload)));
        return wake();
      }
      if (message?.type !== 'input_stream_data' || message.sequence > expected) return;
      acknowledge(message);
      // Sent again because an acknowledgement was late.
      if (message.sequence < expected) return;
      expected++;
      hears(message);
    },
    say: async (payload, payloadType = payloadTypes.output) => {
      const flag = sent === 0 ? flags.first : flags.none;
      await send('output_stream_data', payload, { sequence: sent++, payloadType, flags: flag });
      while (sent - acknowledged >= window && !released) await room.promise;
    },
    release: () => {
      released = true;
      wake();
    },
    finish: async () => {
      const told = { MessageType: 'channel_closed', SessionId: id, SchemaVersion: 1, Output: '' };
      await send('channel_closed', Buffer.from(JSON.stringify({ ...told, MessageId: random.uuid(), DestinationId: id })));
      end.close(closeDone);
    },
  };
}

/** What a client says in JSON; nothing where it says something else. */
export function membersOf(data: Buffer): Readonly<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(data.toString('utf8')) as object) };
  } catch {
    // Not JSON.
    return {};
  }
}

/** How many messages a client has, by what it says of the last one. */
function acknowledgedUpTo(payload: Buffer): number {
  const { AcknowledgedMessageType: type, AcknowledgedMessageSequenceNumber: sequence } = membersOf(payload);
  return type === 'output_stream_data' && typeof sequence === 'number' ? sequence + 1 : 0;
}
