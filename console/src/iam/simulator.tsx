/** The simulator: may somebody do something? Asked of the policy engine, without doing it. */

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import {
  ListGroupsCommand,
  ListRolesCommand,
  ListUsersCommand,
  SimulatePrincipalPolicyCommand,
  type EvaluationResult,
} from '@aws-sdk/client-iam';
import { useState } from 'react';
import { useText } from '../language/catalogue.ts';
import { FromShell } from '../from-shell/panel.tsx';
import { FailureAlert } from '../resource/failure.tsx';
import { useAnswer } from '../resource/use-answer.ts';
import { iam, nameOfArn } from './client.ts';
import { messages } from './messages.ts';

async function loadPrincipals() {
  const [users, groups, roles] = await Promise.all([
    iam().send(new ListUsersCommand({ MaxItems: 1_000 })),
    iam().send(new ListGroupsCommand({ MaxItems: 1_000 })),
    iam().send(new ListRolesCommand({ MaxItems: 1_000 })),
  ]);
  return { users: users.Users ?? [], groups: groups.Groups ?? [], roles: roles.Roles ?? [] };
}

const linesOf = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

export function Simulator() {
  const t = useText(messages);
  const principals = useAnswer(loadPrincipals, [], 'iam');
  const [who, setWho] = useState<string>();
  const [actions, setActions] = useState('s3:GetObject');
  const [resources, setResources] = useState('*');
  const [results, setResults] = useState<readonly EvaluationResult[]>();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const command = new SimulatePrincipalPolicyCommand({
    PolicySourceArn: who ?? '',
    ActionNames: linesOf(actions),
    ResourceArns: linesOf(resources),
  });
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      setResults((await iam().send(command)).EvaluationResults ?? []);
      setProblem(undefined);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const group = (label: string, members: readonly { Arn?: string | undefined }[]) => ({
    label,
    options: members.map(({ Arn }) => ({ value: Arn!, label: nameOfArn(Arn!) })),
  });
  const { users = [], groups = [], roles = [] } = principals.value ?? {};
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={t.simulateText}>
          {t.simulator}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <Container>
          <SpaceBetween size="m">
            <FormField label={t.principal}>
              <Select
                filteringType="auto"
                statusType={principals.loading ? 'loading' : 'finished'}
                options={[group(t.users, users), group(t.groups, groups), group(t.roles, roles)]}
                selectedOption={who === undefined ? null : { value: who, label: nameOfArn(who) }}
                onChange={({ detail }) => setWho(detail.selectedOption.value)}
              />
            </FormField>
            <FormField label={t.actions} description={t.actionsHint}>
              <Textarea value={actions} rows={3} spellcheck={false} onChange={({ detail }) => setActions(detail.value)} />
            </FormField>
            <FormField label={t.resources} description={t.resourcesHint}>
              <Textarea value={resources} rows={3} spellcheck={false} onChange={({ detail }) => setResources(detail.value)} />
            </FormField>
            {(problem ?? principals.error) !== undefined && <FailureAlert error={problem ?? principals.error} />}
            <Button variant="primary" disabled={who === undefined} loading={busy} onClick={() => void run()}>
              {t.simulate}
            </Button>
          </SpaceBetween>
        </Container>
        {results && (
          <Table
            items={results}
            wrapLines
            header={<Header variant="h2">{t.decision}</Header>}
            columnDefinitions={[
              { id: 'action', header: t.action, cell: ({ EvalActionName }) => EvalActionName },
              {
                id: 'decision',
                header: t.decision,
                minWidth: 190,
                cell: ({ EvalDecision }) =>
                  EvalDecision === 'allowed' ? (
                    <StatusIndicator>{t.allowed}</StatusIndicator>
                  ) : (
                    <StatusIndicator type="error">{EvalDecision === 'explicitDeny' ? t.explicitDeny : t.implicitDeny}</StatusIndicator>
                  ),
              },
              { id: 'resource', header: t.resource, cell: ({ EvalResourceName }) => EvalResourceName ?? '*' },
              {
                id: 'matched',
                header: t.matched,
                minWidth: 190,
                cell: ({ MatchedStatements }) => (
                  <Box>{(MatchedStatements ?? []).map(({ SourcePolicyId }) => SourcePolicyId).join(', ') || '–'}</Box>
                ),
              },
            ]}
          />
        )}
        <FromShell actions={[{ service: 'iam', operation: 'SimulatePrincipalPolicy', command }]} />
      </SpaceBetween>
    </ContentLayout>
  );
}
