/** The documents that Run Command carries out, and what their parameters say: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { Script } from '../../../framework/scripts.ts';
import { invalidDocument, invalidParameters } from '../errors.ts';

export const shellScript = 'AWS-RunShellScript';
export const shellPlugin = 'aws:runShellScript';
const executionSecondsDefault = 3600;
const executionSecondsMax = 172_800;
/** Of all commands together. */
const scriptBytesMax = 48 * 1024;

export type Plan = Script & { executionSeconds: number };

/** Throws InvalidDocument, InvalidParameters, or NotImplemented for documents that are not built. */
export function planOf(document: string, parameters: Readonly<Record<string, string[]>>): Plan {
  if (document !== shellScript) {
    if (/^(AWS|AWSEC2|Amazon)\w*-/.test(document)) throw notImplemented(`ssm:SendCommand with the document ${document}`);
    throw invalidDocument(document);
  }
  const unknown = Object.keys(parameters).find((name) => !['commands', 'workingDirectory', 'executionTimeout'].includes(name));
  if (unknown !== undefined) throw invalidParameters(`${unknown} is not a parameter of ${document}.`);
  const {
    commands = [],
    workingDirectory: [directory = ''] = [],
    executionTimeout: [timeout = String(executionSecondsDefault)] = [],
  } = parameters as { commands?: string[]; workingDirectory?: string[]; executionTimeout?: string[] };
  const text = `${commands.join('\n')}\n`;
  if (commands.length === 0) throw invalidParameters('The parameter commands is required.');
  if (Buffer.byteLength(text) > scriptBytesMax) throw invalidParameters(`The commands may have up to ${scriptBytesMax} bytes.`);
  const executionSeconds = Number(timeout);
  if (!/^\d{1,6}$/.test(timeout) || executionSeconds < 1 || executionSeconds > executionSecondsMax)
    throw invalidParameters(`The value of executionTimeout must be between 1 and ${executionSecondsMax}.`);
  if (directory.includes('\0')) throw invalidParameters('The value of workingDirectory is invalid.');
  return { text, executionSeconds, ...(directory !== '' && { directory }) };
}
