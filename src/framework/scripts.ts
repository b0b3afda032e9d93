/** Shell scripts inside machines of this host: begun, looked at and ended, and going on whatever becomes of Haneul meanwhile. */

export type Script = {
  text: string;
  /** Where it begins; its own folder when absent. */
  directory?: string;
};

/** Output beyond what is told is cut off. `lost`: the machine has ended it, by a reboot for example. */
export type ScriptState = { state: 'running' } | { state: 'lost' } | { state: 'ended'; code: number; output: string; errors: string };

/** What is told of a script's output, in bytes. */
export const scriptOutputBytesMax = 24_000;
export const scriptErrorBytesMax = 8_000;

/** Every call rejects with MachineFailed for a machine that does not run. Names are unlike any other's in their machine. */
export interface Scripts {
  /** Begins it as the machine's root. Nothing happens where one of this name was begun. */
  begin(machine: string, name: string, script: Script): Promise<void>;
  /** Undefined where none of this name was begun, or it was forgotten. */
  look(machine: string, name: string): Promise<ScriptState | undefined>;
  /** Ends it and what it has begun; what it has written until then is told still. */
  end(machine: string, name: string): Promise<void>;
  /** Takes away what is left of one that has ended. */
  forget(machine: string, name: string): Promise<void>;
}
