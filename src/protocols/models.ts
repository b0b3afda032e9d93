/** The compiled models on disk: the index of all services, and each service's model when it is first asked for. */

import { readFileSync } from 'node:fs';
import type { CompiledModel, ModelSummary } from './compiled-model.ts';
import { linkModel } from './link.ts';
import type { ServiceModel } from './model.ts';

export type { ModelSummary } from './compiled-model.ts';

/** Beside `src` in a checkout, beside `dist` in the published package. */
const directory = new URL('../../models/', import.meta.url);

const loaded = new Map<string, ServiceModel>();
let index: readonly ModelSummary[] | undefined;

/** Every service that can be named on the wire, whether it is built or not. */
export function modelIndex(): readonly ModelSummary[] {
  index ??= (JSON.parse(readModel('index.json')) as { services: ModelSummary[] }).services;
  return index;
}

/** The model of a service by its folder's name. Throws where there is none. */
export function loadModel(name: string): ServiceModel {
  let model = loaded.get(name);
  if (model === undefined) {
    if (!modelIndex().some((summary) => summary.name === name)) throw new Error(`there is no model of a service named ${name}`);
    model = linkModel(JSON.parse(readModel(`${name}.json`)) as CompiledModel);
    loaded.set(name, model);
  }
  return model;
}

function readModel(file: string): string {
  try {
    return readFileSync(new URL(file, directory), 'utf8');
  } catch (error) {
    throw new Error(`models/${file} cannot be read: run \`npm run models\``, { cause: error });
  }
}
