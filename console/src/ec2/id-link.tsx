/** The id of a resource, as the way to its page. */

import Link from '@cloudscape-design/components/link';
import { follow, hrefOf } from '../shell/places.ts';

/** The list that a resource is in: the part of its place before the id. */
export type Kind = 'instances' | 'security-groups' | 'volumes' | 'snapshots' | 'vpcs' | 'subnets' | 'route-tables' | 'dhcp-options';

export function IdLink({ kind, id }: { kind: Kind; id: string | undefined }) {
  // EC2 answers an empty id for a volume that was made of no snapshot.
  if (!id) return '–';
  return (
    <Link href={hrefOf(['ec2', kind, id])} onFollow={follow}>
      {id}
    </Link>
  );
}
