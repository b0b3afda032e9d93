/** Names and addresses by which a machine means itself. */

/** The host without its port; IPv6 without brackets. */
export function hostnameOf(host: string | undefined): string {
  const text = (host ?? '').toLowerCase();
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'));
  const colon = text.lastIndexOf(':');
  return colon < 0 ? text : text.slice(0, colon);
}

/** Names that always mean this machine, so that no DNS rebinding can claim them. */
export function isLocalName(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === 'localhost.localstack.cloud' ||
    hostname.endsWith('.localhost.localstack.cloud') ||
    isLoopback(hostname)
  );
}

export function isLoopback(address: string): boolean {
  const plain = address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
  return plain === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(plain);
}
