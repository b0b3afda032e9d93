/** Images that age and rest: deprecation, disabling, and launch permissions taken back. */

import { incorrectState, invalidParameterValue, notBuilt } from '../errors.ts';
import { requireResource } from '../resource.ts';
import type { Operation } from '../sdk.ts';
import { images, imageType, type Image } from './image.ts';

const minute = 60_000;
const year = 365 * 86_400_000;

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html */
export const EnableImageDeprecation: Operation<'EnableImageDeprecation'> = async (request, input) => {
  const at = input.DeprecateAt?.getTime() ?? Number.NaN;
  // Seconds are rounded down to the minute.
  const deprecated = Math.floor(at / minute) * minute;
  if (!(deprecated > request.now)) throw invalidParameterValue('The deprecation date and time must be in the future.');
  await request.store.write(async (tx) => {
    const image = await requireResource(tx, request, imageType, input.ImageId);
    const years = image.public ? 2 : 10;
    if (deprecated > Math.max(image.created, request.now) + years * year)
      throw invalidParameterValue(`The deprecation date and time must be within ${years} years.`);
    await images.put(tx, { ...image, deprecated });
  });
  return { Return: true };
};

export const DisableImageDeprecation: Operation<'DisableImageDeprecation'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const { deprecated: _no, ...image } = await requireResource(tx, request, imageType, input.ImageId);
    await images.put(tx, image);
  });
  return { Return: true };
};

/** Nobody can launch it any more, and it is shared with nobody: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html */
export const DisableImage: Operation<'DisableImage'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const image = await requireResource(tx, request, imageType, input.ImageId);
    if (image.state === 'disabled') return;
    if (image.state !== 'available') throw incorrectState(`The image '${image.id}' is in state ${image.state}`);
    await images.put(tx, { ...withoutPermissions(image), state: 'disabled' });
  });
  return { Return: true };
};

export const EnableImage: Operation<'EnableImage'> = async (request, input) => {
  await request.store.write(async (tx) => {
    const image = await requireResource(tx, request, imageType, input.ImageId);
    if (image.state === 'available') return;
    if (image.state !== 'disabled') throw incorrectState(`The image '${image.id}' is in state ${image.state}`);
    await images.put(tx, { ...image, state: 'available' });
  });
  return { Return: true };
};

/** AWS knows one attribute that can be reset. */
export const ResetImageAttribute: Operation<'ResetImageAttribute'> = async (request, input) => {
  if (input.Attribute !== 'launchPermission') throw notBuilt('ResetImageAttribute', `Attribute ${String(input.Attribute)}`);
  await request.store.write(async (tx) => {
    await images.put(tx, withoutPermissions(await requireResource(tx, request, imageType, input.ImageId)));
  });
  return {};
};

function withoutPermissions({ public: _notPublic, launchers: _nobody, ...image }: Image): Image {
  return image;
}
