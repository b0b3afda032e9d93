/** Speaks with QEMU's monitor: https://www.qemu.org/docs/master/interop/qmp-spec.html */

import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { MachineFailed } from '../../../framework/machines.ts';

type Message = { QMP?: object; event?: string; data?: { device?: string }; return?: unknown; error?: { desc: string } };

export type Monitor = {
  /** Rejects with MachineFailed and QEMU's words when it refuses. */
  ask(command: string, given?: object): Promise<unknown>;
  /** Resolves when an event of a device has come, also one that came before. */
  event(name: string, device: string): Promise<void>;
};

const millisecondsMax = 20_000;

/** One conversation; QEMU has one at a time, and others wait. Rejects with MachineFailed when it takes longer than it may. */
export async function withMonitor<T>(path: string, talk: (monitor: Monitor) => Promise<T>, milliseconds = millisecondsMax): Promise<T> {
  const socket = connect(path);
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  AbortSignal.timeout(milliseconds).addEventListener('abort', () => socket.destroy());
  const reader = createInterface({ input: socket });
  socket.on('close', () => reader.close());
  const lines = reader[Symbol.asyncIterator]();
  const events: Message[] = [];
  const next = async (): Promise<Message> => {
    const { value, done } = await lines.next();
    if (done === true) throw new MachineFailed('QEMU does not answer', { cause: failure });
    const message = JSON.parse(value as string) as Message;
    if (message.event !== undefined) events.push(message);
    return message;
  };
  const ask: Monitor['ask'] = async (command, given) => {
    socket.write(`${JSON.stringify({ execute: command, ...(given && { arguments: given }) })}\n`);
    for (;;) {
      const { return: answer, error } = await next();
      if (error) throw new MachineFailed(`QEMU: ${error.desc}`);
      if (answer !== undefined) return answer;
    }
  };
  const event: Monitor['event'] = async (name, device) => {
    while (!events.some((message) => message.event === name && message.data?.device === device)) await next();
  };
  try {
    while ((await next()).QMP === undefined);
    await ask('qmp_capabilities');
    return await talk({ ask, event });
  } finally {
    socket.destroy();
  }
}
