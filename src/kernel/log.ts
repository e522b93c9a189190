/** The kernel's own log: Jupyter shows it in the terminal that it was started in. */

/** Notes what went wrong beside the cells: the kernel goes on. */
export function logProblem(problem: unknown): void {
  const text = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
  process.stderr.write(`stillhouse kernel: ${text}\n`);
}
