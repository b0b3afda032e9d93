/** How a call was decided, as the private API tells it. */

export type LayerName = 'identity' | 'resource' | 'trust' | 'boundary' | 'session' | 'serviceControl' | 'resourceControl';

export type Statement = {
  index: number;
  sid?: string;
  effect: 'Allow' | 'Deny';
  matched: boolean;
  failed?: 'principal' | 'action' | 'resource' | 'condition';
  conditions?: readonly { operator: string; key: string; wanted: readonly string[]; actual?: string | readonly string[] }[];
};

export type Suggestion = { layer: LayerName; policy: unknown };

export type Check = {
  action: string;
  resource: string;
  allowed: boolean;
  effect?: string;
  layer?: LayerName;
  explanation?: {
    layers: readonly { layer: LayerName; level?: number; policies: readonly { policy: string; statements: readonly Statement[] }[] }[];
    suggestions: readonly Suggestion[];
  };
};

export type Why = {
  requestId: string;
  time: string;
  service: string;
  operation: string;
  region: string;
  caller: { arn: string };
  sourceIp: string;
  error?: { code: string; message: string };
  checks: readonly Check[];
};
