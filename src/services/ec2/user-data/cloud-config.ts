/** What a cloud-config asks for, of those of its modules that images of ours carry out: https://cloudinit.readthedocs.io/en/latest/reference/modules.html */

import { parse } from 'yaml';

export type Command = string | string[];
export type User = {
  name: string;
  comment: string;
  home?: string;
  shell?: string;
  groups: string[];
  /** Lines of sudoers after the name. */
  sudo: string[];
  keys: string[];
};
export type WrittenFile = { path: string; content: Buffer; zipped: boolean; mode: string; owner: string; append: boolean };

export type CloudConfig = {
  hostname?: string;
  bootCommands: Command[];
  files: WrittenFile[];
  /** For the user who logs in. */
  keys: string[];
  users: User[];
  runCommands: Command[];
  /** What it asks for besides, and what of it cannot be understood; each in words. */
  left: string[];
};

const aliasesMax = 100;
const carriedOut = new Set(['hostname', 'fqdn', 'preserve_hostname', 'bootcmd', 'runcmd', 'write_files', 'users', 'ssh_authorized_keys']);
/** What changes nothing in images of ours, or says what they do anyway. */
const harmless = new Set([
  'disable_root',
  'ssh_pwauth',
  'package_update',
  'package_upgrade',
  'manage_etc_hosts',
  'output',
  'cloud_final_modules',
  'final_message',
]);

/** Never throws: what cannot be read is told as left aside. */
export function readCloudConfig(text: string): CloudConfig {
  const config: CloudConfig = { bootCommands: [], files: [], keys: [], users: [], runCommands: [], left: [] };
  let given: unknown;
  try {
    // As cloud-init reads it: 0644 is octal, and yes is true.
    given = parse(text, { version: '1.1', maxAliasCount: aliasesMax, logLevel: 'error' });
  } catch (error) {
    config.left.push(`it is no YAML (${(error as Error).message.split('\n')[0]})`);
    return config;
  }
  if (given === null || given === undefined) return config;
  if (!isObject(given)) {
    config.left.push('it is no mapping');
    return config;
  }
  for (const name of Object.keys(given)) if (!carriedOut.has(name) && !harmless.has(name)) config.left.push(`${name} is not carried out`);
  const host = textOf(given['hostname']) ?? textOf(given['fqdn']);
  if (host !== undefined && given['preserve_hostname'] !== true) {
    if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(host)) config.hostname = host;
    else config.left.push('hostname is none');
  }
  config.bootCommands = commandsOf(given['bootcmd'], 'bootcmd', config.left);
  config.runCommands = commandsOf(given['runcmd'], 'runcmd', config.left);
  config.keys = textsOf(given['ssh_authorized_keys']);
  config.files = listOf(given['write_files']).flatMap((one) => fileOf(one, config.left));
  config.users = listOf(given['users']).flatMap((one) => userOf(one, config.left));
  return config;
}

type Plain = Record<string, unknown>;
const isObject = (value: unknown): value is Plain => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
const textsOf = (value: unknown): string[] => listOf(value).flatMap((one) => textOf(one) ?? []);

function commandsOf(value: unknown, name: string, left: string[]): Command[] {
  return listOf(value).flatMap((one): Command[] => {
    if (Array.isArray(one)) return [textsOf(one)];
    const text = textOf(one);
    if (text === undefined) left.push(`a command of ${name} is neither a text nor a list`);
    return text === undefined ? [] : [text];
  });
}

function fileOf(one: unknown, left: string[]): WrittenFile[] {
  const path = isObject(one) ? textOf(one['path']) : undefined;
  if (!isObject(one) || !path?.startsWith('/') || path.includes('\0')) {
    left.push('a file of write_files has no absolute path');
    return [];
  }
  const encoding = (textOf(one['encoding']) ?? '').toLowerCase();
  const content = textOf(one['content']) ?? '';
  const zipped = /gz/.test(encoding);
  const coded = /b64|base64/.test(encoding);
  const permissions = one['permissions'];
  const mode = typeof permissions === 'number' ? permissions.toString(8) : (textOf(permissions) ?? '0644');
  const owner = textOf(one['owner']) ?? 'root:root';
  if (!/^[0-7]{3,4}$/.test(mode) || !/^[A-Za-z0-9_.-]+(:[A-Za-z0-9_.-]+)?$/.test(owner)) {
    left.push(`permissions or owner of ${path} are none`);
    return [];
  }
  const bytes = coded ? Buffer.from(content, 'base64') : Buffer.from(content, zipped ? 'latin1' : 'utf8');
  return [{ path, content: bytes, zipped, mode, owner, append: one['append'] === true }];
}

const namePattern = /^[a-z_][a-z0-9_-]{0,30}$/;

function userOf(one: unknown, left: string[]): User[] {
  if (one === 'default') return [];
  const given: Plain = isObject(one) ? one : { name: one };
  const name = textOf(given['name']) ?? '';
  if (!namePattern.test(name)) {
    left.push('a user has no name that a system takes');
    return [];
  }
  const path = (value: unknown): string | undefined => {
    const text = textOf(value);
    return text !== undefined && /^\/[^:\n\0]*$/.test(text) ? text : undefined;
  };
  const groups = [...textsOf(given['groups']).flatMap((text) => text.split(',')), ...textsOf(given['primary_group'])].map((text) =>
    text.trim(),
  );
  const home = path(given['homedir']);
  const shell = path(given['shell']);
  for (const other of ['passwd', 'hashed_passwd', 'plain_text_passwd', 'ssh_import_id', 'uid'])
    if (given[other] !== undefined) left.push(`${other} of ${name} is not carried out`);
  return [
    {
      ...{ name, comment: (textOf(given['gecos']) ?? '').replaceAll(/[:\n\0]/g, ' ') },
      ...(home !== undefined && { home }),
      ...(shell !== undefined && { shell }),
      groups: groups.filter((group) => namePattern.test(group)),
      sudo: given['sudo'] === false ? [] : textsOf(given['sudo']).filter((line) => !line.includes('\n')),
      keys: [...textsOf(given['ssh_authorized_keys']), ...textsOf(given['ssh-authorized-keys'])],
    },
  ];
}
