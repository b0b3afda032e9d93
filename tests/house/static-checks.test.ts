/** Format, lint, types, tidy and coverage hold: so that `haneul test` on a fresh machine says all there is to say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runStep, staticSteps } from '../../scripts/check.ts';

for (const step of staticSteps) {
  test(step.name, async () => {
    const { code, output } = await runStep(step);
    assert.equal(code, 0, output);
  });
}
