/** What starts the first process of a container in its namespaces, by the OCI runtime specification. */

import { programIn } from '../../images/host-programs.ts';
import { runAnyhow } from '../../programs.ts';

export const runtimes = ['crun', 'runc'] as const;
export type Runtime = (typeof runtimes)[number];

/** Before this it tells nobody of calls that are asked for (listenerPath), or not as runc does. */
const crunVersionMin = 1;

let present: Promise<Runtime> | undefined;

/** crun, which takes a third of the time, where it is new enough; runc otherwise. */
export const presentRuntime = (): Promise<Runtime> => (present ??= choose());

async function choose(): Promise<Runtime> {
  const crun = await programIn('crun');
  if (crun === undefined) return 'runc';
  const { stdout } = await runAnyhow(crun, ['--version']);
  const version = Number(/^crun version (\d+)\./.exec(stdout.toString())?.[1] ?? 0);
  return version >= crunVersionMin ? 'crun' : 'runc';
}
