/** The command that would do again what an event tells of. */

import { cliOf } from '../from-shell/cli.ts';
import { Code } from '../from-shell/panel.tsx';
import type { TrailEvent } from './events.ts';
import { replayOf } from './replay.ts';

export function Replay({ event }: { event: TrailEvent }) {
  const action = replayOf(event);
  return action ? <Code text={cliOf(action, location.origin)} /> : null;
}
