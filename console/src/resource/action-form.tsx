/** A form that makes or changes something: fields, what they will send, and the same as typed in a shell. */

import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState, type ReactNode } from 'react';
import { useText } from '../language/catalogue.ts';
import type { Action } from '../from-shell/action.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { sendShown } from '../from-shell/sending.ts';
import { CancelAndSubmit, Dialog } from './dialog.tsx';
import { FieldControl } from './field-control.tsx';
import { FailureAlert } from './failure.tsx';
import { faultOf, initialValues, type Field, type FieldValue, type Values } from './fields.ts';
import { messages } from './messages.ts';

export type ActionFormProps = {
  title: string;
  description?: ReactNode;
  fields: readonly Field[];
  submit: string;
  /** The calls that the values stand for, in their order. They are shown as they will be sent. */
  actionsOf(values: Values): readonly Action[];
  /** Sends one command through the service's client. */
  send(command: never): Promise<unknown>;
  /** Gets what the calls answered. */
  onDone(outputs: readonly unknown[], values: Values): void;
  onCancel(): void;
  /** In a window over the page, for what is small. */
  modal?: boolean;
  children?: (values: Values) => ReactNode;
};

/** A guess at the calls of a form that is not complete may fail; then there is nothing to show yet. */
function preview(actionsOf: ActionFormProps['actionsOf'], values: Values): readonly Action[] {
  try {
    return actionsOf(values);
  } catch {
    // For example JSON that is still being typed.
    return [];
  }
}

export function ActionForm(props: ActionFormProps) {
  const { title, description, fields, submit, actionsOf, send, onDone, onCancel, modal, children } = props;
  const t = useText(messages);
  const [values, setValues] = useState<Values>(() => initialValues(fields));
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const shown = fields.filter((field) => !field.visible || field.visible(values));
  const change = (name: string, value: FieldValue): void => {
    setValues((before) => ({ ...before, [name]: value }));
    setTouched((before) => new Set(before).add(name));
  };
  const run = async (): Promise<void> => {
    setTouched(new Set(fields.map(({ name }) => name)));
    if (shown.some((field) => faultOf(field, values, t) !== undefined)) return;
    setBusy(true);
    setError(undefined);
    try {
      onDone(await sendShown(actionsOf(values), send), values);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const control = (field: Field): ReactNode => (
    <FieldControl
      key={field.name}
      field={field}
      value={values[field.name]}
      fault={touched.has(field.name) ? faultOf(field, values, t) : undefined}
      onChange={(value) => change(field.name, value)}
    />
  );
  const shell = <FromShell actions={preview(actionsOf, values)} initiallyOpen={fields.length === 0} />;
  const failure = error === undefined ? null : <FailureAlert error={error} />;
  const submitForm = (event: React.FormEvent): void => {
    event.preventDefault();
    void run();
  };
  if (modal)
    return (
      <Dialog title={title} size="large" submit={submit} busy={busy} onCancel={onCancel} onSubmit={() => void run()}>
        <form onSubmit={submitForm}>
          <SpaceBetween size="l">
            {description && <Box variant="p">{description}</Box>}
            {shown.map(control)}
            {children?.(values)}
            {failure}
            {shell}
          </SpaceBetween>
        </form>
      </Dialog>
    );
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description}>
          {title}
        </Header>
      }
    >
      <form onSubmit={submitForm}>
        <Form actions={<CancelAndSubmit submit={submit} busy={busy} onCancel={onCancel} />} errorText={undefined}>
          <SpaceBetween size="l">
            {sectionsOf(shown, title).map(({ heading, fields: inSection }) => (
              <Container key={heading} header={<Header variant="h2">{heading}</Header>}>
                <SpaceBetween size="l">{inSection.map(control)}</SpaceBetween>
              </Container>
            ))}
            {children?.(values)}
            {failure}
            {shell}
          </SpaceBetween>
        </Form>
      </form>
    </ContentLayout>
  );
}

function sectionsOf(fields: readonly Field[], title: string): { heading: string; fields: Field[] }[] {
  const sections: { heading: string; fields: Field[] }[] = [];
  for (const field of fields) {
    const last = sections.at(-1);
    if (!last || (field.section !== undefined && field.section !== last.heading))
      sections.push({ heading: field.section ?? title, fields: [field] });
    else last.fields.push(field);
  }
  return sections;
}
