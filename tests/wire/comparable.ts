/** Brings what was sent and what arrived to one form, so that they can be compared. */

/** Dates as ISO text, bytes and streams as Latin-1 text, no undefined members, no SDK metadata. */
export async function comparable(value: unknown): Promise<unknown> {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object') return value;
  if (value instanceof Date) return value.toISOString();
  // The SDK's strings that hold JSON are objects.
  if (Object.prototype.toString.call(value) === '[object String]') return String(value as { toString(): string });
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if ('transformToByteArray' in value)
    return Buffer.from(await (value as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray()).toString('latin1');
  if (Array.isArray(value)) return Promise.all(value.map(comparable));
  // A number of arbitrary precision, as the SDK holds it.
  if ('string' in value && 'type' in value && value.type === 'bigDecimal') return Number(value.string);
  if (Symbol.asyncIterator in value) return streamText(value as AsyncIterable<Uint8Array>);
  const record: Record<string, unknown> = {};
  for (const [key, held] of Object.entries(value)) {
    if (key === '$metadata') continue;
    const made = await comparable(held);
    if (made !== undefined) record[key] = made;
  }
  return record;
}

async function streamText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('latin1');
}

/** Where two comparable values first differ: `a.b.0: 1 ≠ 2`. Undefined when they are equal. */
export function firstDifference(sent: unknown, got: unknown, path = ''): string | undefined {
  if (Object.is(sent, got)) return undefined;
  if (typeof sent !== 'object' || typeof got !== 'object' || sent === null || got === null || Array.isArray(sent) !== Array.isArray(got))
    return `${path || 'value'}: ${short(sent)} ≠ ${short(got)}`;
  for (const key of new Set([...Object.keys(sent), ...Object.keys(got)])) {
    const difference = firstDifference(
      (sent as Record<string, unknown>)[key],
      (got as Record<string, unknown>)[key],
      path === '' ? key : `${path}.${key}`,
    );
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 160);
}
