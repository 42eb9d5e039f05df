/** How often a property is tried: `FUZZ_RUNS` for long runs, else what the test asks for. */
export const runs = (n: number): number => Number(process.env['FUZZ_RUNS'] ?? n)
