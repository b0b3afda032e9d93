/** Changes a stream that is ACTIVE. Between UPDATING and ACTIVE lies a pass of the reconciler. */

import type { ServiceRequest } from '../../../framework/request.ts';
import { streams, type Stream } from '../tables.ts';
import { nameOf, requireActive, type StreamInput } from './lookup.ts';

/** Gives the stream as it was. Throws ResourceNotFoundException, ResourceInUseException, and what `change` throws. */
export async function update(request: ServiceRequest, input: StreamInput, change: (stream: Stream) => Stream): Promise<Stream> {
  const name = nameOf(request, input);
  return request.store.write(async (tx) => {
    const stream = await requireActive(tx, name);
    const changed = change(stream);
    await streams.put(tx, { ...changed, status: 'UPDATING', change: changed.change ?? { kind: 'settle' } });
    return stream;
  });
}
