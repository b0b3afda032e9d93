/** An action as a line for the AWS CLI. */

import type { Action } from './action.ts';
import { kebab, quoted } from './words.ts';

/** Members that the CLI calls otherwise. */
const renamed: Readonly<Record<string, string>> = { 'iam CreateLoginProfile PasswordResetRequired': 'password-reset-required' };

/** Where the CLI takes another input than the API: it counts instances in one option, and encodes what they run itself. */
const retold: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => object>> = {
  'ec2 RunInstances': ({ MinCount, MaxCount, UserData, ...rest }) => ({
    ...rest,
    Count: MinCount === MaxCount ? MaxCount : `${String(MinCount)}:${String(MaxCount)}`,
    ...(typeof UserData === 'string' && { UserData: textOf(UserData) }),
  }),
};

/** What the CLI calls services, where that is not the client's name. */
const commands: Readonly<Partial<Record<Action['service'], string>>> = {
  s3: 's3api',
  's3-control': 's3control',
  'cloudwatch-logs': 'logs',
  'cost-explorer': 'ce',
};

export function cliOf({ service, operation, command }: Action, endpoint: string): string {
  const input = retold[`${service} ${operation}`]?.({ ...command.input }) ?? command.input;
  const options = Object.entries(input)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => optionOf(renamed[`${service} ${operation} ${name}`] ?? kebab(name), value));
  return [`aws --endpoint-url ${quoted(endpoint)} ${commands[service] ?? service} ${kebab(operation)}`, ...options].join(' \\\n  ');
}

function optionOf(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? `--${name}` : `--no-${name}`;
  if (typeof value === 'string' || typeof value === 'number') return `--${name} ${quoted(String(value))}`;
  if (value instanceof Uint8Array) return `--${name} ${quoted(base64(value))}`;
  if (value instanceof Blob) return `--${name} ${quoted(value instanceof File ? value.name : 'FILE')}`;
  return `--${name} ${quoted(JSON.stringify(value, bytesAsText))}`;
}

export function bytesAsText(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? base64(value) : value;
}

export function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** The text behind base 64. */
export function textOf(encoded: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0)));
}
