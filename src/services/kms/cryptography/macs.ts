/** GenerateMac and VerifyMac. */

import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { invalidMac } from '../errors.ts';
import { keyArn } from '../keys/key.ts';
import { lookUp } from '../keys/lookup.ts';
import { ciphertextBytesMax, messageBytesMax } from '../limits.ts';
import { materialOf } from '../materials/material.ts';
import type { Operation } from '../sdk.ts';
import { checkLength, requireUsable } from './parameters.ts';

function macOf(key: KeyObject, algorithm: string, message: Uint8Array): Buffer {
  return createHmac(`sha${algorithm.slice(-3)}`, key)
    .update(message)
    .digest();
}

export const GenerateMac: Operation<'GenerateMac'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const algorithm = input.MacAlgorithm;
  checkLength('message', input.Message, messageBytesMax);
  requireUsable(request, key, input, { usage: 'GENERATE_VERIFY_MAC', algorithm: { kind: 'mac', name: algorithm } });
  const { object } = (await materialOf(request, key))!;
  return { KeyId: keyArn(key), Mac: macOf(object, algorithm, input.Message), MacAlgorithm: algorithm };
};

export const VerifyMac: Operation<'VerifyMac'> = async (request, input) => {
  const { key } = await lookUp(request, input.KeyId);
  const algorithm = input.MacAlgorithm;
  checkLength('message', input.Message, messageBytesMax);
  checkLength('mac', input.Mac, ciphertextBytesMax);
  requireUsable(request, key, input, { usage: 'GENERATE_VERIFY_MAC', algorithm: { kind: 'mac', name: algorithm } });
  const { object } = (await materialOf(request, key))!;
  const mac = macOf(object, algorithm, input.Message);
  if (input.Mac.length !== mac.length || !timingSafeEqual(mac, input.Mac)) throw invalidMac();
  return { KeyId: keyArn(key), MacValid: true, MacAlgorithm: algorithm };
};
