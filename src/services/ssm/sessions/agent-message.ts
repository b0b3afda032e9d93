/** The binary form of what goes over a session's channel, as the session manager plugin of the AWS CLI writes and reads it. */

import { createHash } from 'node:crypto';

/** https://github.com/aws/session-manager-plugin, whose source is where this form is written down. Integers are big-endian. */
const at = {
  headerLength: 0,
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
} as const;
const typeBytes = at.schema - at.type;

export type MessageType = 'input_stream_data' | 'output_stream_data' | 'acknowledge' | 'channel_closed';
/** What a stream's payload is: what is typed or shown, the size of the terminal as `{"cols":80,"rows":24}`, or how both ends agree. */
export const payloadTypes = { output: 1, size: 3, handshakeRequest: 5, handshakeResponse: 6, handshakeComplete: 7, flag: 10 } as const;
export const flags = { none: 0, first: 1, last: 2 } as const;

export type AgentMessage = {
  type: string;
  /** Milliseconds since the epoch. */
  created: number;
  sequence: number;
  flags: number;
  /** A UUID. */
  id: string;
  payloadType: number;
  payload: Buffer;
};

export function encodeMessage({ type, created, sequence, flags: given, id, payloadType, payload }: AgentMessage): Buffer {
  const bytes = Buffer.alloc(at.payload + payload.length);
  bytes.writeUInt32BE(at.payloadLength, at.headerLength);
  bytes.fill(' ', at.type, at.schema).write(type.slice(0, typeBytes), at.type, 'latin1');
  bytes.writeUInt32BE(1, at.schema);
  bytes.writeBigUInt64BE(BigInt(created), at.created);
  bytes.writeBigInt64BE(BigInt(sequence), at.sequence);
  bytes.writeBigUInt64BE(BigInt(given), at.flags);
  swapped(Buffer.from(id.replaceAll('-', ''), 'hex')).copy(bytes, at.id);
  createHash('sha256').update(payload).digest().copy(bytes, at.digest);
  bytes.writeUInt32BE(payloadType, at.payloadType);
  bytes.writeUInt32BE(payload.length, at.payloadLength);
  payload.copy(bytes, at.payload);
  return bytes;
}

/** Undefined for what is no message. */
export function decodeMessage(bytes: Buffer): AgentMessage | undefined {
  if (bytes.length < at.payload || bytes.readUInt32BE(at.headerLength) !== at.payloadLength) return undefined;
  const payload = bytes.subarray(at.payload);
  const digest = createHash('sha256').update(payload).digest();
  if (payload.length !== bytes.readUInt32BE(at.payloadLength) || !digest.equals(bytes.subarray(at.digest, at.payloadType)))
    return undefined;
  const sequence = bytes.readBigInt64BE(at.sequence);
  const id = swapped(bytes.subarray(at.id, at.digest)).toString('hex');
  return {
    type: bytes.toString('latin1', at.type, at.schema).replaceAll('\0', ' ').trim(),
    created: Number(bytes.readBigUInt64BE(at.created)),
    sequence: Number(sequence),
    flags: Number(bytes.readBigUInt64BE(at.flags)),
    id: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
    payloadType: bytes.readUInt32BE(at.payloadType),
    payload,
  };
}

/** The second half of a UUID goes first on the wire. */
function swapped(id: Buffer): Buffer {
  return Buffer.concat([id.subarray(8, 16), id.subarray(0, 8)]);
}
