/** Other Haneuls, in which regions lie that this one does not have: the operator names them. */

export interface Peers {
  /** Their regions. */
  readonly regions: ReadonlySet<string>;
  /**
   * Posts a message to a page of a service there (`/_aws/SERVICE/PAGE`), signed with the key that the operator gave for the region. Resolves
   * with any answer; rejects when none comes in time.
   */
  send(region: string, page: string, body: string): Promise<{ status: number; body: string }>;
}

export const noPeers: Peers = {
  regions: new Set(),
  send: async (region) => {
    throw new Error(`no peer has the region ${region}`);
  },
};
