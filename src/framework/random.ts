/** Chance, handed in: so that a test may repeat it from a seed. */

export interface Random {
  /** A float in [0, 1). */
  float(): number;
  /** Cryptographically strong bytes (in tests: bytes from the seed). */
  bytes(length: number): Buffer;
  /** A random (version 4) UUID. */
  uuid(): string;
  /** `length` characters drawn evenly from `alphabet`. */
  text(length: number, alphabet: string): string;
}
