/** The buttons of the clock as commands of `haneul`; loaded apart, since the home page comes first. */

import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { messages } from '../from-shell/messages.ts';
import { Code } from '../from-shell/panel.tsx';
import { useText } from '../language/catalogue.ts';

export function ClockShell({ lines }: { lines: readonly string[] }) {
  const t = useText(messages);
  return (
    <ExpandableSection headerText={t.title}>
      <Code text={lines.join('\n')} />
    </ExpandableSection>
  );
}
