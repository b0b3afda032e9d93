/** "Do it from a shell": the calls that a form is about to send, as AWS CLI, SDK and Terraform, ready to copy. */

import Box from '@cloudscape-design/components/box';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Tabs from '@cloudscape-design/components/tabs';
import { useText } from '../language/catalogue.ts';
import { visible } from '../language/visible.ts';
import { useSettings } from '../shell/settings.ts';
import type { Action } from './action.ts';
import { cliOf } from './cli.ts';
import { messages } from './messages.ts';
import { sdkOf } from './sdk.ts';
import { terraformOf } from './terraform.ts';

export function FromShell({ actions, initiallyOpen = false }: { actions: readonly Action[]; initiallyOpen?: boolean }) {
  const t = useText(messages);
  const { region } = useSettings();
  const endpoint = location.origin;
  const blocks = actions.flatMap((action) => action.terraform ?? []);
  const texts = [
    { id: 'cli', label: 'AWS CLI', text: actions.map((action) => cliOf(action, endpoint)).join('\n\n') },
    { id: 'sdk', label: 'SDK v3', text: actions.map((action) => sdkOf(action, endpoint, region)).join('\n\n') },
    ...(blocks.length > 0 ? [{ id: 'terraform', label: 'Terraform', text: terraformOf(blocks) }] : []),
  ];
  const undeclared = blocks.length > 0 ? undefined : actions.some(takesAway) ? t.terraformDeletes : t.terraformHasNone;
  return (
    <ExpandableSection headerText={t.title} headerDescription={t.description} variant="container" defaultExpanded={initiallyOpen}>
      <Tabs
        ariaLabel={t.title}
        tabs={[
          ...texts.map(({ id, label, text }) => ({ id, label, content: <Code text={text} /> })),
          ...(undeclared === undefined ? [] : [{ id: 'terraform', label: 'Terraform', content: <Box>{undeclared}</Box> }]),
        ]}
      />
    </ExpandableSection>
  );
}

/** Terraform takes away what is declared no longer. */
function takesAway({ operation }: Action): boolean {
  return /^(Delete|Terminate|Release|Deregister|Detach|Disassociate|Remove|Untag|Revoke|Unsubscribe)/.test(operation);
}

export function Code({ text }: { text: string }) {
  const t = useText(messages);
  return (
    <div className="code">
      <div className="code-copy">
        <CopyToClipboard
          variant="icon"
          copyButtonAriaLabel={t.copy}
          textToCopy={text}
          copySuccessText={t.copied}
          copyErrorText={t.notCopied}
        />
      </div>
      <Box variant="pre">{visible(text)}</Box>
    </div>
  );
}
