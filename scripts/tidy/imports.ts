/** Who may import whom: the rooms of the house and the doors between them. */

import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Breach, Import, SourceFile } from './source.ts';

type Room = {
  /** Folders below src, or single files, that this room may import; itself always. */
  rooms: readonly string[];
  /** Rooms of which only the types may be imported. */
  types?: readonly string[];
  /** Packages that may be imported when the program runs. */
  packages?: readonly string[];
};

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

const storeContracts = ['store/store.ts', 'store/table.ts', 'store/keys.ts', 'store/blob-store.ts'];

/** By the first folder below src. `cli`, `main.ts` and `cloud.ts` are not here: they may import everything. */
const rooms: Readonly<Record<string, Room>> = {
  store: { rooms: ['framework/request-signature.ts', 'framework/xxhash.ts'], types: ['framework'], packages: ['pg', '@node-rs/crc32'] },
  framework: { rooms: storeContracts, packages: ['hash-wasm', 'hyparquet-writer'] },
  host: { rooms: ['framework'], packages: ['@peculiar/x509', 'nodemailer', 'reflect-metadata'] },
  protocols: { rooms: ['framework'], packages: ['saxes'] },
  gateway: { rooms: ['framework', 'protocols', 'store'], packages: ['@fastify/busboy', '@node-rs/crc32', 'jose'] },
  http: { rooms: ['gateway', 'framework'], packages: ['ws'] },
  runtime: { rooms: ['framework', 'store', 'gateway'] },
  control: { rooms: ['framework'], types: ['runtime', 'cloud.ts'] },
  services: { rooms: ['framework', ...storeContracts], packages: Object.keys(manifest.dependencies) },
};

/** The console's own rooms that every page may use; all other folders of console/src are services, which leave each other alone. */
const consoleRooms: ReadonlySet<string> = new Set(['language', 'session', 'shell', 'resource', 'from-shell', 'trail']);

export function importBreaches(file: SourceFile): Breach[] {
  const found = file.imports.flatMap((one) => {
    const message = whyNot(file.path, one);
    return message === undefined ? [] : [{ path: file.path, line: one.line, message }];
  });
  return found;
}

/** Why an import breaks the rules, or undefined. */
function whyNot(path: string, { specifier, typeOnly }: Import): string | undefined {
  if (path.startsWith('console/src/')) return whyNotConsole(path, specifier);
  if (!path.startsWith('src/') || path.endsWith('.test.ts') || path.includes('/tests/')) return undefined;
  const [, name = ''] = path.split('/');
  const room = Object.hasOwn(rooms, name) ? rooms[name]! : undefined;
  if (!room) return undefined;
  if (!specifier.startsWith('.')) return whyNotPackage(name, room, specifier, typeOnly);
  if (!specifier.endsWith('.ts') && !specifier.endsWith('.json')) return `import '${specifier}' with its ending`;
  const target = posix.join(posix.dirname(path), specifier).replace(/^src\//, '');
  if (target.startsWith('../')) return `${name} imports '${specifier}' from outside src`;
  const [first = ''] = target.split('/');
  if (first === name) return name === 'services' ? whyNotService(path, target) : undefined;
  const may = (list: readonly string[]): boolean => list.includes(first) || list.includes(target);
  if (may(room.rooms) || (typeOnly && may(room.types ?? []))) return undefined;
  return `${name} must not import ${typeOnly ? 'types of ' : ''}${target}`;
}

function whyNotPackage(name: string, room: Room, specifier: string, typeOnly: boolean): string | undefined {
  if (specifier.startsWith('node:')) return undefined; // which built-ins a service may use is a matter of words.ts
  if (typeOnly) return undefined;
  if (specifier.startsWith('@aws-sdk/')) return `the SDK gives types only: import type ... from '${specifier}'`;
  return room.packages?.includes(specifier) ? undefined : `${name} must not import the package ${specifier}`;
}

/** Services speak to each other through request.aws, as customers do. */
function whyNotService(path: string, target: string): string | undefined {
  const [mine, theirs] = [path.split('/')[2], target.split('/')[1]];
  return mine === theirs ? undefined : `${mine} must not import ${theirs}: call request.aws.${theirs}(...)`;
}

/** The console is a customer: it imports nothing of the cloud's, and what it draws with are its own packages. */
function whyNotConsole(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) return `a browser has no ${specifier}`;
  if (!specifier.startsWith('.')) return undefined;
  const target = posix.join(posix.dirname(path), specifier);
  if (!target.startsWith('console/src/')) return `the console imports '${specifier}' from outside console/src`;
  const [mine = '', theirs = ''] = [path.split('/')[2], target.split('/')[2]];
  const isEntry = mine.includes('.') || mine === 'shell' || mine === 'home';
  if (mine === theirs || theirs.includes('.') || isEntry || consoleRooms.has(theirs)) return undefined;
  return `${mine} must not import ${theirs}: services of the console leave each other alone`;
}
