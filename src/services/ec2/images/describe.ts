/** DescribeImages: one's own images, those shared with one, and those that this machine brings. */

import { compileFilters } from '../filters.ts';
import { pageOf, readPage } from '../pagination.ts';
import type { Input, Operation } from '../sdk.ts';
import { imageFilters, imageOf } from './description.ts';
import { amazonAccount, builtInImages, images, mayLaunch, requireLaunchable, type Image } from './image.ts';

export const DescribeImages: Operation<'DescribeImages'> = async (request, input) => {
  const { region, account, now } = request;
  const page = pageOf('images', input, { min: 1, max: 1000 });
  const filtered = compileFilters(input.Filters, imageFilters);
  const owned = ownerTest(input, account);
  const fits = (image: Image): boolean => owned(image) && filtered(image);
  const builtIn = await builtInImages(request.host, region);
  const isListed = (image: Image): boolean =>
    mayLaunch(image, account) &&
    (image.state !== 'disabled' || input.IncludeDisabled === true) &&
    (image.account === account || input.IncludeDeprecated === true || (image.deprecated ?? Number.MAX_VALUE) > now);
  return request.store.read(async (tx) => {
    if (input.ImageIds?.length) {
      const named: Image[] = [];
      for (const id of new Set(input.ImageIds)) named.push(await requireLaunchable(tx, request, id, builtIn));
      return { Images: named.filter(fits).map(imageOf) };
    }
    const { rows, next } = await readPage(
      'images',
      page,
      (range) => images.scanIndex(tx, 'id', [region], range),
      (row) => (isListed(row) && fits(row) ? row : undefined),
      page.after ? [] : builtIn.filter(fits),
    );
    return { Images: rows.map(imageOf), ...next };
  });
};

function ownerTest({ Owners, ExecutableUsers }: Input<'DescribeImages'>, account: string): (image: Image) => boolean {
  const owners = (Owners ?? []).map((owner) => (owner === 'self' ? account : owner === 'amazon' ? amazonAccount : owner));
  const executes = (image: Image): boolean =>
    (ExecutableUsers ?? []).some((user) =>
      user === 'all' ? image.public === true : (image.launchers ?? []).includes(user === 'self' ? account : user),
    );
  return (image) => (owners.length === 0 || owners.includes(image.account)) && (!ExecutableUsers?.length || executes(image));
}
