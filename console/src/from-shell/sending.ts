/** What changes something is sent only once it has been shown: clients refuse whatever did not come this way. */

import type { Action } from './action.ts';

/** Operations that only ask. Those that ask at a price or in a session of their own (ReceiveMessage, StartSession) are shown as well. */
const asking = /^(Get|List|Describe|Head|Lookup|Filter|Query|Scan|Simulate)/;

/** The inputs of commands that were shown. */
const shown = new WeakSet<object>();

export function onlyAsks(operation: string): boolean {
  return asking.test(operation);
}

/** Sends actions that are shown on the page, in their order. Resolves to what they answered; rejects with the first that fails. */
export async function sendShown(actions: readonly Action[], send: (command: never) => Promise<unknown>): Promise<unknown[]> {
  const outputs: unknown[] = [];
  for (const { command } of actions) outputs.push(await send(asShown(command) as never));
  return outputs;
}

/** For one that needs its answer's type, or options beside it: whoever calls this shows a `FromShell` of the same. */
export function asShown<Command extends { input: object }>(command: Command): Command {
  shown.add(command.input);
  return command;
}

/** Throws where a command would change something and was not shown. `name` is the SDK's: `CreateQueueCommand`. */
export function requireShown(name: string | undefined, input: object): void {
  const operation = (name ?? '').replace(/Command$/, '');
  if (!onlyAsks(operation) && !shown.has(input)) throw new Error(`${operation || 'A call'} was not shown before it was sent`);
}
