/** Draws one field of a form. */

import Button from '@cloudscape-design/components/button';
import FileUpload from '@cloudscape-design/components/file-upload';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import Tiles from '@cloudscape-design/components/tiles';
import Toggle from '@cloudscape-design/components/toggle';
import Box from '@cloudscape-design/components/box';
import { lazy, Suspense, type ReactNode } from 'react';
import { useText } from '../language/catalogue.ts';
import { visible } from '../language/visible.ts';
import { whyNotJson, type Field, type FieldValue, type Option, type PolicyField } from './fields.ts';
import { messages } from './messages.ts';
import { TagsField, type Tag } from './tags.tsx';

/** Loaded with the first policy that somebody edits. */
const PolicyEditor = lazy(() => import('./policy-editor.tsx'));

type Props<Of = Field> = { field: Of; value: FieldValue; fault: string | undefined; onChange(value: FieldValue): void };

export function FieldControl({ field, value, fault, onChange }: Props) {
  const t = useText(messages);
  if (field.kind === 'policy') return <PolicyControl field={field} value={value} fault={fault} onChange={onChange} />;
  const optional = !field.required && field.kind !== 'toggle' && field.kind !== 'select' && field.kind !== 'tiles';
  return (
    <FormField
      label={
        optional ? (
          <>
            {field.label} <i>– {t.optional}</i>
          </>
        ) : (
          field.label
        )
      }
      description={field.description}
      errorText={fault}
      stretch={field.kind === 'json' || field.kind === 'tags' || field.kind === 'tiles'}
    >
      <Control field={field} value={value} onChange={onChange} />
    </FormField>
  );
}

const optionOf = ({ value, label, description }: Option) => ({
  value,
  label: visible(label ?? value),
  ...(description && { description }),
});

function Control({ field, value, onChange }: Omit<Props<Exclude<Field, PolicyField>>, 'fault'>): ReactNode {
  const t = useText(messages);
  const text = typeof value === 'string' ? value : '';
  switch (field.kind) {
    case 'text':
      return (
        <Input value={text} placeholder={field.placeholder ?? ''} onChange={({ detail }) => onChange(detail.value)} spellcheck={false} />
      );
    case 'password':
      return <Input type="password" autoComplete={false} value={text} onChange={({ detail }) => onChange(detail.value)} />;
    case 'number':
      return <Input type="number" value={text} onChange={({ detail }) => onChange(detail.value)} />;
    case 'textarea':
      return (
        <Textarea value={text} placeholder={field.placeholder ?? ''} onChange={({ detail }) => onChange(detail.value)} spellcheck={false} />
      );
    case 'json':
      return <JsonControl text={text} rows={field.rows ?? 12} onChange={onChange} />;
    case 'toggle':
      return (
        <Toggle checked={value === true} onChange={({ detail }) => onChange(detail.checked)}>
          {value === true ? t.yes : t.no}
        </Toggle>
      );
    case 'select': {
      const options = field.options.map(optionOf);
      return (
        <Select
          options={options}
          selectedOption={options.find((option) => option.value === text) ?? null}
          placeholder={t.select}
          filteringType={options.length > 10 ? 'auto' : 'none'}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? '')}
        />
      );
    }
    case 'tiles':
      return <Tiles value={text} items={field.options.map(optionOf)} onChange={({ detail }) => onChange(detail.value)} />;
    case 'multiselect': {
      const options = field.options.map(optionOf);
      const chosen = (value as readonly string[] | undefined) ?? [];
      return (
        <Multiselect
          options={options}
          selectedOptions={chosen.map((one) => options.find((option) => option.value === one) ?? { value: one, label: one })}
          placeholder={t.select}
          filteringType={options.length > 10 ? 'auto' : 'none'}
          onChange={({ detail }) => onChange(detail.selectedOptions.map((option) => option.value ?? ''))}
        />
      );
    }
    case 'tags':
      return <TagsField tags={(value as readonly Tag[] | undefined) ?? []} onChange={onChange} />;
    case 'file':
      return (
        <FileUpload
          value={value instanceof File ? [value] : []}
          onChange={({ detail }) => onChange(detail.value[0])}
          showFileSize
          i18nStrings={{ uploadButtonText: () => t.select, dropzoneText: () => t.select, removeFileAriaLabel: () => t.removeTag }}
        />
      );
  }
}

/** Many controls, so that no form field may stand around them: each has its own name. */
function PolicyControl({ field, value, fault, onChange }: Props<PolicyField>) {
  const t = useText(messages);
  return (
    <SpaceBetween size="xs">
      <Box variant="awsui-key-label">{field.label}</Box>
      <Suspense fallback={<Box color="text-body-secondary">{t.loading}</Box>}>
        <PolicyEditor label={field.label} text={typeof value === 'string' ? value : ''} rows={field.rows ?? 16} onChange={onChange} />
      </Suspense>
      {fault !== undefined && <Box color="text-status-error">{fault}</Box>}
    </SpaceBetween>
  );
}

function JsonControl({ text, rows, onChange }: { text: string; rows: number; onChange(value: string): void }) {
  const t = useText(messages);
  return (
    <SpaceBetween size="xs">
      <div className="json">
        <Textarea value={text} rows={rows} spellcheck={false} onChange={({ detail }) => onChange(detail.value)} />
      </div>
      <Button
        variant="inline-link"
        disabled={text === '' || whyNotJson(text) !== undefined}
        onClick={() => onChange(JSON.stringify(JSON.parse(text), null, 2))}
      >
        {t.formatJson}
      </Button>
    </SpaceBetween>
  );
}
