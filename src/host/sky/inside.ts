/** Whether this process is in a sky: root of namespaces that an ordinary user has made, and of nothing else on this machine. */

import { existsSync } from 'node:fs';

/** The network namespace that takes the part of the machine's own; the process itself has stayed in the machine's. */
export const skyNetwork = '/run/haneul-sky/network';

/** Root alone could make this outside of one. */
export const isInSky = process.platform === 'linux' && existsSync(skyNetwork);

/** Users that a sky has for machines and tools, above what distributions give to people, below `nobody`. */
export const skyUsers = { tool: 39_999, min: 40_000, max: 65_000 } as const;
