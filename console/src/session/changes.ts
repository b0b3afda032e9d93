/** Tells pages that something of a service has changed, from the event stream, so that nothing polls. */

import { settings } from '../shell/settings.ts';
import { openEvents, PrivateApiError } from './private-api.ts';
import { identities, watchIdentities } from './session.ts';

const listeners = new Set<(service: string, region: string) => void>();
const againMilliseconds = 5_000;
/** Their changes are told from us-east-1 wherever one looks from. */
const everywhere = new Set(['iam', 's3', 'sts', 'signin']);
let stream: AbortController | undefined;

/** `service` as in CloudTrail's event source: `sqs`, `iam`. */
export function onChange(service: string, listener: () => void): () => void {
  const told = (changed: string, region: string): void => {
    if (changed === service && (everywhere.has(service) || region === settings().region)) listener();
  };
  listeners.add(told);
  return () => void listeners.delete(told);
}

/** Whatever changes. */
export function onAnyChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Follows the stream of whoever acts now, for as long as somebody is signed in. */
export function followChanges(): void {
  watchIdentities(restart);
  restart();
}

function restart(): void {
  stream?.abort();
  stream = undefined;
  if (identities().length === 0) return;
  stream = new AbortController();
  void listen(stream.signal);
}

async function listen(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await openEvents(signal);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        text += value;
        const end = text.lastIndexOf('\n\n');
        if (end < 0) continue;
        for (const line of text.slice(0, end).split('\n')) if (line.startsWith('data: ')) tell(line.slice('data: '.length));
        text = text.slice(end + 2);
      }
    } catch (error) {
      if (signal.aborted) return;
      // Credentials that are good no more: pages say so themselves.
      if (error instanceof PrivateApiError && error.status < 500) return;
    }
    await new Promise((resolve) => setTimeout(resolve, againMilliseconds));
  }
}

function tell(data: string): void {
  for (const change of JSON.parse(data) as string[]) {
    const [region = '', service = ''] = change.split(' ');
    for (const listener of listeners) listener(service, region);
  }
}
