/** Images in name only, for tests: they are ready at once. */

import type { HostImage, Images } from '../../framework/images.ts';

const gibibyte = 1024 ** 3;

export const simulatedImage: HostImage = {
  name: 'haneul-tiny',
  description: 'Haneul tiny: busybox and dropbear',
  architecture: 'x86_64',
  bytes: 8 * gibibyte,
  ready: true,
};

export function simulatedImages(images: readonly HostImage[] = [simulatedImage]): Images {
  return { list: async () => [...images] };
}
