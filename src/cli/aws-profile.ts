/** Writes one profile into ~/.aws/config and ~/.aws/credentials and leaves every other line as it is. */

import { mkdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { replaceFile } from '../host/file-replacement.ts';
import { ignoreMissing, readText } from '../host/missing-files.ts';
import { CommandError, exitCodes } from './command.ts';
import type { Connection } from './connection.ts';
import type { Environment } from './environment.ts';

/** Rejects with CommandError for a name that the files cannot hold, or that would replace a profile of someone else's making. */
export async function writeProfile(
  name: string,
  connection: Connection,
  files: Pick<Environment, 'awsConfigFile' | 'awsCredentialsFile'>,
): Promise<void> {
  if (!/^[A-Za-z0-9._@+-]{1,64}$/.test(name))
    throw new CommandError(`'${name}' is no name for a profile; use letters, digits, dots and dashes`, exitCodes.wrongUsage);
  const section = name === 'default' ? 'default' : `profile ${name}`;
  const config = (await readText(files.awsConfigFile)) ?? '';
  const credentials = (await readText(files.awsCredentialsFile)) ?? '';
  const ours = sectionOf(config, section).some((line) => /^\s*endpoint_url\s*=/.test(line));
  const taken = sectionOf(config, section).length + sectionOf(credentials, name).length > 0;
  if (taken && !ours)
    throw new CommandError(`the profile '${name}' is there already and has no endpoint_url, so it is not Haneul's; choose another name`);
  const { endpoint, region, key, authorityFile } = connection;
  await write(
    files.awsConfigFile,
    setSection(config, section, [
      `region = ${region}`,
      `endpoint_url = ${endpoint}`,
      ...(authorityFile ? [`ca_bundle = ${authorityFile}`] : []),
    ]),
  );
  if (key)
    await write(
      files.awsCredentialsFile,
      setSection(credentials, name, [`aws_access_key_id = ${key.accessKeyId}`, `aws_secret_access_key = ${key.secretAccessKey}`]),
    );
}

/** The key of a profile in the credentials file; undefined where there is none. */
export async function readProfileKey(name: string, file: string): Promise<Environment['awsKey']> {
  const settings = new Map<string, string>();
  for (const line of sectionOf((await readText(file)) ?? '', name)) {
    const [, setting, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (setting !== undefined) settings.set(setting, value!);
  }
  const [accessKeyId, secretAccessKey] = [settings.get('aws_access_key_id'), settings.get('aws_secret_access_key')];
  const sessionToken = settings.get('aws_session_token');
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) } : undefined;
}

/** The text with one section's lines replaced, or the section added at the end. */
export function setSection(text: string, section: string, lines: readonly string[]): string {
  const all = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const { start, end } = findSection(all, section);
  const written = [`[${section}]`, ...lines];
  if (start < 0) return [...all, ...(all.length > 0 && all.at(-1) !== '' ? [''] : []), ...written, ''].join('\n');
  return [...all.slice(0, start), ...written, ...(end < all.length ? [''] : []), ...all.slice(end), ''].join('\n');
}

function sectionOf(text: string, section: string): string[] {
  const all = text.split('\n');
  const { start, end } = findSection(all, section);
  return start < 0 ? [] : all.slice(start, end);
}

function findSection(lines: readonly string[], section: string): { start: number; end: number } {
  const isHeader = (line: string): boolean => /^\s*\[.*\]/.test(line);
  const start = lines.findIndex(
    (line) =>
      isHeader(line) &&
      line
        .trim()
        .replace(/^\[\s*/, '')
        .replace(/\s*\].*$/, '')
        .replace(/\s+/g, ' ') === section,
  );
  const next = lines.findIndex((line, at) => at > start && isHeader(line));
  return { start, end: next < 0 ? lines.length : next };
}

/** Through a symbolic link, should the user keep the file elsewhere. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = (await realpath(path).catch(ignoreMissing)) ?? path;
  await replaceFile(target, text, 0o600);
}
