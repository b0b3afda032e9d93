/** The way from the top of a bucket to the folder that is shown. */

import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import { useText } from '../language/catalogue.ts';
import { follow, hrefOf } from '../shell/places.ts';
import { messages } from './messages.ts';

/** `versions` keeps the list of versions open on the way. */
export function Folders({ bucket, prefix, versions }: { bucket: string; prefix: string; versions?: boolean }) {
  const t = useText(messages);
  const names = prefix.split('/').filter((_name, at, all) => at < all.length - 1);
  const kept = { versions: versions ? 'shown' : undefined };
  return (
    <BreadcrumbGroup
      ariaLabel={t.folder}
      onFollow={follow}
      items={[
        { text: bucket, href: hrefOf(['s3', 'buckets', bucket], kept) },
        ...names.map((name, at) => ({
          text: name === '' ? '/' : name,
          href: hrefOf(['s3', 'buckets', bucket], { prefix: `${names.slice(0, at + 1).join('/')}/`, ...kept }),
        })),
      ]}
    />
  );
}
