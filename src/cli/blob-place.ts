/** What --blobs names: a directory, or a bucket of another S3 with the key for it. */

import { resolve } from 'node:path';
import { parseRemoteAddress, type RemoteAddress, type RemotePlace } from '../store/remote/place.ts';
import { readProfileKey } from './aws-profile.ts';
import { CommandError, exitCodes } from './command.ts';
import type { Environment } from './environment.ts';

/** A profile that the address names comes before the key of the environment, and that before the environment's profile. Throws CommandError. */
export async function blobPlace(text: string, environment: Environment): Promise<string | RemotePlace> {
  if (!text.startsWith('s3:')) return resolve(environment.workingDirectory, text);
  const address = addressIn(text);
  const credentials = address.profile === undefined ? environment.awsKey : undefined;
  if (credentials) return { ...address, credentials };
  const profile = address.profile ?? environment.awsProfile ?? 'default';
  const found = await readProfileKey(profile, environment.awsCredentialsFile);
  if (found) return { ...address, credentials: found };
  throw new CommandError(
    `--blobs needs a key for ${address.bucket}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write the profile '${profile}' into ${environment.awsCredentialsFile}`,
    exitCodes.wrongUsage,
  );
}

/** The text is not echoed: somebody may have put a key into it. */
function addressIn(text: string): RemoteAddress {
  try {
    return parseRemoteAddress(text);
  } catch (error) {
    if (error instanceof TypeError) throw new CommandError(`--blobs: ${error.message}`, exitCodes.wrongUsage);
    throw error;
  }
}
