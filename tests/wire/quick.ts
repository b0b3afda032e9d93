/** Whether to test a sample in each service's own protocol only: `WIRE_QUICK=1`, or a quick run of all tests. */

export const quick = process.env['WIRE_QUICK'] === '1' || process.env['HANEUL_TESTS'] === 'quick';
