/** An edit of tags as calls: those that go are taken away first, so that fifty may become another fifty. */

import type { Action, ServiceName, TerraformBlock } from '../from-shell/action.ts';

type Call = readonly [operation: string, command: { input: object }];

/** `false` where there is nothing of it to do. */
export function tagActions(
  service: ServiceName,
  { set, removed, terraform }: { set: Call | false; removed: Call | false; terraform?: readonly TerraformBlock[] },
): Action[] {
  const actions: Action[] = [];
  if (removed) actions.push({ service, operation: removed[0], command: removed[1] });
  if (set) actions.push({ service, operation: set[0], command: set[1], ...(terraform && { terraform }) });
  return actions;
}
