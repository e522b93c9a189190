/**
 * Vitest's JSON report; undefined where there is none, or half of one.
 * @param {string | undefined} text
 * @param {(line: string) => void} say
 */
export function parseReport(text, say) {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    say(
      `Vitest was ended while it wrote its report, so none of its tests is counted. Run them again. (${error.message})`,
    );
    return undefined;
  }
}

/**
 * Counts vitest's JSON report and the checks together. Each check counts as a test, and so does a test file that could
 * not be loaded, or a run that failed without a failed test (an error outside of any).
 * @param {object} run
 * @param {any} run.report vitest's JSON report; undefined if it wrote none
 * @param {boolean} run.green whether vitest's exit status was 0
 * @param {string[]} run.held names of the checks that passed
 * @param {string[]} run.broken names of the checks that failed
 * @returns {{ passed: number, failed: number, skipped: string[], line: string }} of the skipped their full titles, which
 *   say why: vitest's own output doesn't
 */
export function countTests({ report, green, held, broken }) {
  const results = report?.testResults ?? [];
  const tests = results.flatMap((file) => file.assertionResults);
  const withStatus = (...statuses) => tests.filter(({ status }) => statuses.includes(status));
  const hasFailed = (file) => file.assertionResults.some(({ status }) => status === 'failed');
  const unloaded = results.filter((file) => file.status === 'failed' && !hasFailed(file)).length;
  const passed = withStatus('passed').length + held.length;
  const skipped = withStatus('skipped', 'pending', 'todo', 'disabled').map(({ fullName }) => fullName.trim());
  let failed = withStatus('failed').length + unloaded;
  if (!green && failed === 0) failed = 1;
  failed += broken.length;
  return {
    passed,
    failed,
    skipped,
    line: `${passed} passed, ${failed} failed${skipped.length ? `, ${skipped.length} skipped` : ''}`,
  };
}
