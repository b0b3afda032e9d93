/** One code of a virtual MFA device, as STS and S3 are given it with a call. */

import type { Principal } from '../../../framework/principal.ts';
import type { Random } from '../../../framework/random.ts';
import type { Store } from '../../../store/store.ts';
import { openSecret } from '../secrets.ts';
import { fold, mfaDevices, type MfaDevice } from '../tables.ts';
import { codeOf, sameCode, stepAt } from './totp.ts';

/** A code of the step before or after now is taken, for clocks that are a little off. */
const drift = 1;

/** True when the device is the caller's and shows the code; the code and all before it are then used up. */
export async function mfaCodeFits(
  { store, random }: { store: Store; random: Random },
  principal: Principal,
  serial: string,
  code: string,
  at: number,
): Promise<boolean> {
  const owner = ownerOf(principal);
  if (owner === undefined) return false;
  const device = await store.read((tx) => mfaDevices.get(tx, principal.account, fold(serial)));
  if (!device || device.userId !== owner) return false;
  const seed = Buffer.from(await openSecret(store, random, device.serial, device.sealedSeed), 'base64');
  const step = [-drift, 0, drift]
    .map((off) => stepAt(at) + off)
    .find((candidate) => isFresh(device, candidate) && sameCode(codeOf(seed, candidate), code));
  if (step === undefined) return false;
  return store.write(async (tx) => {
    const current = await mfaDevices.get(tx, principal.account, fold(serial));
    // Another call may have used the same code meanwhile.
    if (!current || current.userId !== owner || !isFresh(current, step)) return false;
    await mfaDevices.put(tx, { ...current, lastStep: step });
    return true;
  });
}

function isFresh({ lastStep = -1 }: MfaDevice, step: number): boolean {
  return step > lastStep;
}

function ownerOf(principal: Principal): string | undefined {
  if (principal.type === 'Root') return principal.account;
  return principal.type === 'User' ? principal.id : undefined;
}
