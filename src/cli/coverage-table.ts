/** Which operations of which services are built: the models say what AWS has, the definitions what Haneul has. */

import { loadModel, modelIndex } from '../protocols/models.ts';
import { services } from '../services.ts';

export type ServiceCoverage = { name: string; sdkId: string; built: string[]; missing: string[] };

/** Every service with a model, those with built operations first, then by name. */
export async function coverageOfAll(): Promise<ServiceCoverage[]> {
  const all: ServiceCoverage[] = [];
  for (const { name, sdkId } of modelIndex()) {
    const definition = Object.hasOwn(services, name) ? await services[name]!() : undefined;
    const operations = [...loadModel(name).operations.keys()].sort();
    const isBuilt = (operation: string): boolean => definition !== undefined && Object.hasOwn(definition.operations, operation);
    all.push({ name, sdkId, built: operations.filter(isBuilt), missing: operations.filter((operation) => !isBuilt(operation)) });
  }
  return all.sort((a, b) => Number(b.built.length > 0) - Number(a.built.length > 0) || a.name.localeCompare(b.name, 'en'));
}

export type CoverageSum = { services: number; servicesBegun: number; operations: number; operationsBuilt: number };

export function sumOf(all: readonly ServiceCoverage[]): CoverageSum {
  return {
    services: all.length,
    servicesBegun: all.filter((one) => one.built.length > 0).length,
    operations: all.reduce((sum, one) => sum + one.built.length + one.missing.length, 0),
    operationsBuilt: all.reduce((sum, one) => sum + one.built.length, 0),
  };
}
