/** A WebSocket that a request was upgraded to, as whoever answers the request has it. */

/** Messages of a client are 64 KiB at most; a client that has said nothing for ten seconds after the upgrade, or answers no ping, is cut off. */
export interface WebSocketEnd {
  /** Resolves when the message is on its way, also when the client has gone. Waiting for it keeps to the client's pace. */
  send(message: string | Uint8Array): Promise<void>;
  /** Begins the farewell. https://www.rfc-editor.org/rfc/rfc6455#section-7.4 */
  close(code?: number, reason?: string): void;
  /** Takes no further messages until `resume`. */
  pause(): void;
  resume(): void;
}

export type WebSocketListener = {
  message(data: Buffer, binary: boolean): void;
  /** Once, when the socket has ended, however it did. */
  closed(): void;
};

/** Called when the upgrade is done. */
export type WebSocketOpener = (end: WebSocketEnd) => WebSocketListener;
