/**
 * What vitest's JSON report and the checks come to: each check counts as a test, and so does a test file that could not
 * be loaded, or a run that ended badly without a failed test (an error outside of any).
 * @param {object} run
 * @param {any} run.report vitest's JSON report; undefined when it wrote none
 * @param {boolean} run.green whether vitest ended with 0
 * @param {string[]} run.held names of the checks that held
 * @param {string[]} run.broken names of those that did not
 * @returns {{ passed: number, failed: number, skipped: number, line: string }}
 */
export function countTests({ report, green, held, broken }) {
  const results = report?.testResults ?? [];
  const tests = results.flatMap((file) => file.assertionResults);
  const count = (...statuses) => tests.filter(({ status }) => statuses.includes(status)).length;
  const hasFailed = (file) => file.assertionResults.some(({ status }) => status === 'failed');
  const unloaded = results.filter((file) => file.status === 'failed' && !hasFailed(file)).length;
  const passed = count('passed') + held.length;
  const skipped = count('skipped', 'pending', 'todo', 'disabled');
  let failed = count('failed') + unloaded;
  if (!green && failed === 0) failed = 1;
  failed += broken.length;
  return {
    passed,
    failed,
    skipped,
    line: `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`,
  };
}
