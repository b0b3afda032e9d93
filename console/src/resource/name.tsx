/** A name that somebody chose, as text: it turns no line around, hides nothing, and breaks where it is too long. */

import type { ReactNode } from 'react';
import { visible } from '../language/visible.ts';

export function Name({ children }: { children: ReactNode }) {
  return <bdi className="name">{typeof children === 'string' ? visible(children) : children}</bdi>;
}

/** What stands in a cell or behind a label: plain text is somebody's name, or harmless as one. */
export function drawn(value: ReactNode): ReactNode {
  return typeof value === 'string' ? <Name>{value}</Name> : value;
}
