/** What listens in the networks of a cloud, and ends with them. */

import type { ListenAt, WantedNetwork } from '../../framework/networks.ts';
import type { Listener } from './listeners.ts';
import type { Names } from './names.ts';

/** Namespaces of ports go with them; the place between the networks with the last gateway. */
function isThere({ vpcs }: WantedNetwork, at: ListenAt): boolean {
  if (at.vpc === 'internet') return vpcs.some((vpc) => vpc.internet);
  const vpc = vpcs.find(({ id }) => id === at.vpc);
  return vpc !== undefined && (at.namespace === undefined || vpc.ports.some((port) => port.namespace === at.namespace));
}

/** What listens in networks, by place; it ends with its network. */
export function createListeners(names: Names) {
  const open = new Map<string, { at: ListenAt; listener: Promise<Listener<never>> }>();
  type Listen<Answer> = (namespace: string, at: ListenAt, answer: Answer) => Promise<Listener<Answer>>;
  return {
    add: async <Answer>(protocol: string, at: ListenAt, answer: Answer, listen: Listen<Answer>): Promise<void> => {
      const key = `${at.namespace ?? at.vpc} ${protocol} ${at.address} ${at.port}`;
      const present = open.get(key);
      if (present) {
        ((await present.listener) as unknown as Listener<Answer>).answer = answer;
        return;
      }
      const listener = listen(at.namespace ?? names.namespace(at.vpc), at, answer);
      open.set(key, { at, listener: listener as unknown as Promise<Listener<never>> });
      await listener.catch((error: unknown) => {
        open.delete(key);
        throw error;
      });
    },
    keep: async (wanted: WantedNetwork): Promise<void> => {
      for (const [key, { at, listener }] of open) {
        if (isThere(wanted, at)) continue;
        open.delete(key);
        await listener.then(
          (opened) => opened.close(),
          // It never listened.
          () => undefined,
        );
      }
    },
  };
}
