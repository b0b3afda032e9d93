/** Which CORS rule a request falls under, and the headers that browsers want to see. Pure. */

export type CorsRule = {
  ID?: string;
  AllowedHeaders?: string[];
  AllowedMethods: string[];
  AllowedOrigins: string[];
  ExposeHeaders?: string[];
  MaxAgeSeconds?: number;
};

export type CorsQuestion = { origin: string; method: string; /** In lower case. */ headers: readonly string[] };

/** The first rule that allows the origin, the method and all headers. */
export function ruleFor(rules: readonly CorsRule[], { origin, method, headers }: CorsQuestion): CorsRule | undefined {
  return rules.find(
    (rule) =>
      rule.AllowedMethods.includes(method) &&
      rule.AllowedOrigins.some((pattern) => fits(pattern, origin)) &&
      headers.every((header) => rule.AllowedHeaders?.some((pattern) => fits(pattern.toLowerCase(), header))),
  );
}

/** A pattern has one `*` at most. */
function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf('*');
  if (star < 0) return pattern === text;
  const end = pattern.slice(star + 1);
  return text.length >= pattern.length - 1 && text.startsWith(pattern.slice(0, star)) && text.endsWith(end);
}

/** The headers of an answer under a rule. An origin that is told apart from others is named, and may send credentials. */
export function corsHeaders(rule: CorsRule, { origin, headers }: CorsQuestion): Record<string, string> {
  const everyone = rule.AllowedOrigins.includes('*');
  return {
    'access-control-allow-origin': everyone ? '*' : origin,
    'access-control-allow-methods': rule.AllowedMethods.join(', '),
    ...(headers.length > 0 && { 'access-control-allow-headers': headers.join(', ') }),
    ...(rule.ExposeHeaders && { 'access-control-expose-headers': rule.ExposeHeaders.join(', ') }),
    ...(rule.MaxAgeSeconds !== undefined && { 'access-control-max-age': String(rule.MaxAgeSeconds) }),
    ...(!everyone && { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
  };
}
