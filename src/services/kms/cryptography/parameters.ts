/** What every cryptographic operation checks first. */

import { notImplemented } from '../../../framework/aws-error.ts';
import type { ServiceRequest } from '../../../framework/request.ts';
import { constraint, dryRunSucceeded, validation } from '../errors.ts';
import { requireAlgorithm, requireEnabled, requireUsage } from '../keys/key.ts';
import { encryptionContextBytesMax, grantTokensMax } from '../limits.ts';
import type { Key, KeyUsage } from '../tables.ts';

type UseInput = {
  DryRun?: boolean | undefined;
  DryRunModifiers?: readonly unknown[] | undefined;
  GrantTokens?: readonly string[] | undefined;
  EncryptionContext?: Record<string, string> | undefined;
  Recipient?: unknown;
};

type Use = { usage: KeyUsage; operation?: string; algorithm?: { kind: 'encryption' | 'signing' | 'mac'; name: string } };

/** Throws unless the key can be used so now; with DryRun always, DryRunOperationException when all is well. */
export function requireUsable(request: ServiceRequest, key: Key, input: UseInput, { usage, operation, algorithm }: Use): void {
  refuseUnbuilt(request, input);
  requireEnabled(key);
  requireUsage(key, usage, operation ?? request.operation);
  if (algorithm) requireAlgorithm(key, algorithm.kind, algorithm.name);
  checkContext(key, input.EncryptionContext);
  if (input.DryRun) throw dryRunSucceeded();
}

export function refuseUnbuilt(request: ServiceRequest, input: UseInput): void {
  if (input.Recipient !== undefined) throw notImplemented(`kms:${request.operation} with Recipient`);
  if (input.DryRunModifiers !== undefined) throw notImplemented(`kms:${request.operation} with DryRunModifiers`);
  if ((input.GrantTokens?.length ?? 0) > grantTokensMax)
    throw constraint('grantTokens', `[${input.GrantTokens!.join(', ')}]`, `have length less than or equal to ${grantTokensMax}`);
}

function checkContext(key: Key, context: Record<string, string> | undefined): void {
  if (!context) return;
  const entries = Object.entries(context);
  if (entries.length > 0 && key.spec !== 'SYMMETRIC_DEFAULT')
    throw validation('EncryptionContext is not supported for asymmetric KMS keys.');
  const size = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
  if (size > encryptionContextBytesMax) throw validation(`The encryption context exceeds ${encryptionContextBytesMax} bytes.`);
}

/** Throws ValidationException; blobs are not shown. */
export function checkLength(member: string, bytes: Uint8Array, max: number): void {
  const wrong = (rule: string): never => {
    throw validation(`1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length ${rule}`);
  };
  if (bytes.length < 1) wrong('greater than or equal to 1');
  if (bytes.length > max) wrong(`less than or equal to ${max}`);
}
