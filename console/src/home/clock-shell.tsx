/** The buttons of the clock as commands of `haneul`. */

import { Code } from '../from-shell/panel.tsx';

export function ClockShell({ lines }: { lines: readonly string[] }) {
  return <Code text={lines.join('\n')} />;
}
