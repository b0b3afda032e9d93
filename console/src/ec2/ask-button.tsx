/** A button that asks for a small change of one resource of EC2, whose id heads the window. */

import type { ComponentProps } from 'react';
import { ActionButton } from '../resource/action-button.tsx';
import { ec2 } from './client.ts';

export function AskButton({ id, ...asked }: Omit<ComponentProps<typeof ActionButton>, 'title' | 'send'> & { id: string }) {
  return <ActionButton {...asked} title={`${asked.text}: ${id}`} send={(command) => ec2().send(command)} />;
}
