/** Which interface of the machine leads out. */

import { networkInterfaces } from 'node:os';
import { run } from '../programs.ts';

/** An interface's name as the kernel takes it, less what paths and rules would read otherwise. */
const isName = (name: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/.test(name);

/**
 * @param wanted a name, or `auto` for the one of the default route.
 * Rejects, in words for a user, where there is no such interface, or nobody who may use it.
 */
export async function uplinkNamed(wanted: string): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error('networks need root');
  const name = wanted === 'auto' ? await defaultUplink() : wanted;
  if (name === undefined) throw new Error('this machine has no default route: name the interface that leads out');
  const addresses = isName(name) ? (networkInterfaces()[name] ?? []) : [];
  if (addresses.every((one) => one.internal || one.family !== 'IPv4'))
    throw new Error(`this machine has no interface '${name}' with an IPv4 address that leads out`);
  return name;
}

async function defaultUplink(): Promise<string | undefined> {
  const routes = JSON.parse((await run('ip', ['-j', '-4', 'route', 'show', 'default'])).toString() || '[]') as {
    dev?: string;
    metric?: number;
  }[];
  const [first] = routes.filter(({ dev }) => dev !== undefined).sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0));
  return first?.dev;
}
