/** The documents by which sessions are started, and what their parameters say: a shell, or a way to a port. */

import { notImplemented } from '../../../framework/aws-error.ts';
import { invalidParameters } from '../errors.ts';

export const shellDocument = 'SSM-SessionManagerRunShell';

/** A port of the instance, or of a host that it reaches. */
export type Way = {
  port: number;
  host?: string;
  /** What the client makes of it: it listens there, or carries its own input and output (SSH). */
  local?: { port: string };
};

type Given = Readonly<Record<string, string[] | undefined>>;
type Document = { defaults: Readonly<Record<string, string>>; required: readonly string[] };

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html */
const portDocuments: Readonly<Record<string, Document>> = {
  'AWS-StartPortForwardingSession': { defaults: { portNumber: '80', localPortNumber: '0' }, required: [] },
  'AWS-StartPortForwardingSessionToRemoteHost': { defaults: { portNumber: '80', localPortNumber: '0' }, required: ['host'] },
  'AWS-StartSSHSession': { defaults: { portNumber: '22' }, required: [] },
};

/**
 * Where a session leads that is no shell; undefined for a shell.
 * Throws NotImplemented for other documents, and InvalidParameters for what their parameters may not be.
 */
export function wayOf(document: string, given: Given = {}): Way | undefined {
  if (document === shellDocument) {
    if (Object.keys(given).length > 0) throw notImplemented('ssm:StartSession with Parameters');
    return undefined;
  }
  const { defaults, required } = Object.hasOwn(portDocuments, document) ? portDocuments[document]! : unknown(document);
  for (const name of Object.keys(given))
    if (!Object.hasOwn(defaults, name) && !required.includes(name))
      throw invalidParameters(`The document ${document} has no parameter ${name}.`);
  const valueOf = (name: string): string => {
    const value = given[name]?.[0] ?? defaults[name];
    if (value === undefined) throw invalidParameters(`The document ${document} needs the parameter ${name}.`);
    if (given[name] !== undefined && given[name].length !== 1) throw invalidParameters(`The parameter ${name} takes one value.`);
    return value;
  };
  const way = { port: portOf('portNumber', valueOf('portNumber'), 1) };
  if (document === 'AWS-StartSSHSession') return way;
  const local = { port: String(portOf('localPortNumber', valueOf('localPortNumber'), 0)) };
  return required.includes('host') ? { ...way, host: hostOf(valueOf('host')), local } : { ...way, local };
}

function unknown(document: string): never {
  throw notImplemented(`ssm:StartSession with the document ${document}`);
}

function portOf(name: string, text: string, least: number): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < least || port > 65_535) throw invalidParameters(`${text} is no value of the parameter ${name}.`);
  return port;
}

/** An address or a name of DNS. */
function hostOf(text: string): string {
  if (!/^[\w.:-]{3,253}$/.test(text)) throw invalidParameters(`${text} is no value of the parameter host.`);
  return text;
}
