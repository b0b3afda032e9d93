/** The words of `haneul port-forward`: `8080:80` is a port here and one there. */

import { CommandError, exitCodes } from './command.ts';

/** `local` 0 is any free port. */
export type PortPair = { local: number; remote: number };

/** Throws CommandError for what is none. @param words `8080:80`; `80`, the same on both sides; `:80`, any free port here. */
export function portPair(words: string): PortPair {
  const [, numbers = '', protocol] = /^([^/]*)(?:\/(.*))?$/.exec(words) ?? [];
  if (protocol?.toLowerCase() === 'udp') throw wrong(`${words}: only TCP is carried, not UDP`);
  if (protocol !== undefined && protocol.toLowerCase() !== 'tcp') throw wrong(`${words}: only TCP is carried`);
  const found = /^(?:(\d{0,5}):)?(\d{1,5})$/.exec(numbers);
  if (!found) throw wrong(`'${words}' is no pair of ports such as 8080:80`);
  const remote = Number(found[2]);
  const local = found[1] === undefined ? remote : Number(found[1]);
  if (remote < 1 || remote > 65_535 || local > 65_535) throw wrong(`'${words}': ports are numbers from 1 to 65535`);
  return { local, remote };
}

const wrong = (message: string): CommandError => new CommandError(message, exitCodes.wrongUsage);
