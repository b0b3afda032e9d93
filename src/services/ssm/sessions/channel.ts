/** What goes over the WebSocket of a session once its token was right. */
export type Channel = {
  /** A message of the client's. */
  take(data: Buffer): void;
  /** Resolves when the session has ended, however it did, and nothing of it is left. */
  run(): Promise<void>;
  /** Ends it from this side: the client has gone, or the session was terminated. */
  hangUp(): void;
};
