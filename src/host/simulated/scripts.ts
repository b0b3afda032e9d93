/** Scripts in name only, for tests: each line is told as run, `exit N` is the code, and what says `sleep` goes on until a test ends it. */

import { MachineFailed, type Machines } from '../../framework/machines.ts';
import type { Script, Scripts, ScriptState } from '../../framework/scripts.ts';

export type SimulatedScripts = Scripts & {
  /** What was begun, the latest last. */
  begun(machine: string): readonly Script[];
  /** Lets what sleeps in a machine wake, and so end. */
  wake(machine: string): void;
};

export function simulatedScripts({ look }: Pick<Machines, 'look'>): SimulatedScripts {
  const machines = new Map<string, Map<string, { script: Script; now: ScriptState }>>();
  const scriptsOf = async (machine: string) => {
    if ((await look(machine))?.state !== 'running') throw new MachineFailed(`${machine} is not running`);
    const there = machines.get(machine) ?? new Map<string, { script: Script; now: ScriptState }>();
    machines.set(machine, there);
    return there;
  };
  return {
    async begin(machine, name, script) {
      const there = await scriptsOf(machine);
      if (!there.has(name)) there.set(name, { script, now: script.text.includes('sleep') ? { state: 'running' } : endOf(script) });
    },
    look: async (machine, name) => (await scriptsOf(machine)).get(name)?.now,
    async end(machine, name) {
      const found = (await scriptsOf(machine)).get(name);
      if (found?.now.state === 'running') found.now = { state: 'ended', code: 137, output: '', errors: '' };
    },
    forget: async (machine, name) => void (await scriptsOf(machine)).delete(name),
    begun: (machine) => [...(machines.get(machine)?.values() ?? [])].map(({ script }) => script),
    wake(machine) {
      for (const one of machines.get(machine)?.values() ?? []) if (one.now.state === 'running') one.now = endOf(one.script);
    },
  };
}

function endOf({ text }: Script): ScriptState {
  const lines = text.split('\n').filter((line) => line !== '');
  const code = Number(lines.map((line) => /^exit (\d+)$/.exec(line)?.[1]).find((found) => found !== undefined) ?? 0);
  const output = lines.filter((line) => !line.startsWith('exit ')).map((line) => `ran ${line}\n`);
  return { state: 'ended', code, output: output.join(''), errors: '' };
}
