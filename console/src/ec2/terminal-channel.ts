/** The channel of a session with an instance, as the session manager plugin of the AWS CLI speaks it, for a browser. */

import { SSMClient, StartSessionCommand } from '@aws-sdk/client-ssm';
import { asShown } from '../from-shell/sending.ts';
import { clientOf } from '../session/clients.ts';

export const ssm = clientOf(SSMClient);

/** Byte offsets; integers are big-endian. */
const at = {
  type: 4,
  schema: 36,
  created: 40,
  sequence: 48,
  flags: 56,
  id: 64,
  digest: 80,
  payloadType: 112,
  payloadLength: 116,
  payload: 120,
};
const payloadTypes = { output: 1, size: 3 } as const;
const pieceBytes = 16 * 1024;

export type TerminalChannel = {
  type(text: string): void;
  resize(columns: number, rows: number): void;
  close(): void;
};

export type TerminalListener = {
  /** Something is shown; `done` lets more come. */
  shown(bytes: Uint8Array, done: () => void): void;
  /** The channel has ended; a reason where it did not end well. */
  ended(reason: string | undefined): void;
};

/** Asks for a session and opens it. Rejects with the API's error where that is refused. */
export async function openChannel(instance: string, listener: TerminalListener): Promise<TerminalChannel> {
  const client = ssm();
  const { TokenValue, StreamUrl } = await client.send(asShown(new StartSessionCommand({ Target: instance })));
  const { pathname, search } = new URL(StreamUrl!);
  // The cloud that served this page, by the name that the page has for it: the page may speak to no other.
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${pathname}${search}`);
  socket.binaryType = 'arraybuffer';
  let sequence = 0;
  let sending = Promise.resolve();
  const send = (type: string, payloadType: number, payload: Uint8Array, number = 0): void => {
    const message = { type, payloadType, payload, sequence: number };
    sending = sending.then(async () => {
      const bytes = await encoded(message, client.config.sha256 as Hash);
      if (socket.readyState === WebSocket.OPEN) socket.send(bytes);
    });
  };
  const utf8 = new TextEncoder();
  socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
    const message = decoded(data);
    if (message.type !== 'output_stream_data') return;
    const told = {
      AcknowledgedMessageType: message.type,
      AcknowledgedMessageId: message.id,
      AcknowledgedMessageSequenceNumber: message.sequence,
      IsSequentialMessage: true,
    };
    listener.shown(message.payload, () => send('acknowledge', 0, utf8.encode(JSON.stringify(told))));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the WebSocket could not be opened')));
  });
  socket.addEventListener('close', ({ code, reason }) => listener.ended(code === 1000 ? undefined : reason || `WebSocket ${code}`));
  const hello = { MessageSchemaVersion: '1.0', RequestId: crypto.randomUUID?.() ?? '', TokenValue, ClientId: '', ClientVersion: '1.0.0' };
  socket.send(JSON.stringify(hello));
  return {
    type: (text) => {
      const bytes = utf8.encode(text);
      for (let from = 0; from < bytes.length; from += pieceBytes)
        send('input_stream_data', payloadTypes.output, bytes.subarray(from, from + pieceBytes), sequence++);
    },
    resize: (cols, rows) => send('input_stream_data', payloadTypes.size, utf8.encode(JSON.stringify({ cols, rows })), sequence++),
    close: () => socket.close(1000),
  };
}

type Hash = new () => { update(bytes: Uint8Array): void; digest(): Promise<Uint8Array> };
type Outgoing = { type: string; payloadType: number; payload: Uint8Array; sequence: number };

/** By the SDK's own hash: the browser's is there for pages of secure origins alone. */
async function encoded({ type, payloadType, payload, sequence }: Outgoing, Sha256: Hash): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(at.payload + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, at.payloadLength);
  bytes.set(new TextEncoder().encode(type.padEnd(at.schema - at.type)), at.type);
  view.setUint32(at.schema, 1);
  view.setBigUint64(at.created, BigInt(Date.now()));
  view.setBigInt64(at.sequence, BigInt(sequence));
  bytes.set(crypto.getRandomValues(new Uint8Array(at.digest - at.id)), at.id);
  const hash = new Sha256();
  hash.update(payload);
  bytes.set(await hash.digest(), at.digest);
  view.setUint32(at.payloadType, payloadType);
  view.setUint32(at.payloadLength, payload.length);
  bytes.set(payload, at.payload);
  return bytes.buffer;
}

function decoded(data: ArrayBuffer): { type: string; id: string; sequence: number; payload: Uint8Array } {
  const bytes = new Uint8Array(data);
  const hex = [...bytes.subarray(at.id + 8, at.digest), ...bytes.subarray(at.id, at.id + 8)]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  return {
    type: new TextDecoder().decode(bytes.subarray(at.type, at.schema)).trim(),
    id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    sequence: Number(new DataView(data).getBigInt64(at.sequence)),
    payload: bytes.subarray(at.payload),
  };
}
