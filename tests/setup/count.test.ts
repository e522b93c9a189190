import { describe, expect, it, vi } from 'vitest';
import { countTests, parseReport } from '../../src/setup/test-count.mjs';

const file = (...statuses: string[]) => ({
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, i) => ({ status, fullName: ` pours ${i} (needs a jug)` })),
});
const checks = { held: ['types', 'lint and format'], broken: [] };

describe('the closing line', () => {
  it('counts tests and checks', () => {
    const report = { testResults: [file('passed', 'passed'), file('passed')] };
    expect(countTests({ report, green: true, ...checks }).line).toBe('5 passed, 0 failed');
  });

  it('counts what was skipped, and the titles that say why stand above it', () => {
    const report = { testResults: [file('passed', 'pending', 'todo')] };
    const { line, skipped } = countTests({ report, green: true, ...checks });
    expect(line).toBe('3 passed, 0 failed, 2 skipped');
    expect(skipped).toEqual(['pours 1 (needs a jug)', 'pours 2 (needs a jug)']);
  });

  it('counts a failed test and a failed check', () => {
    const report = { testResults: [file('passed', 'failed')] };
    const run = { report, green: false, held: ['types'], broken: ['lint and format'] };
    expect(countTests(run).line).toBe('2 passed, 2 failed');
  });

  it('counts a file that could not be loaded as failed', () => {
    const report = { testResults: [file('passed'), { status: 'failed', assertionResults: [] }] };
    expect(countTests({ report, green: false, ...checks }).line).toBe('3 passed, 1 failed');
  });

  it('is red when the run ended badly without a failed test, or left no report', () => {
    const report = { testResults: [file('passed')] };
    expect(countTests({ report, green: false, ...checks }).line).toBe('3 passed, 1 failed');
    expect(countTests({ report: undefined, green: false, ...checks }).line).toBe('2 passed, 1 failed');
  });

  it('follows half a report too, which is said', () => {
    const say = vi.fn();
    const whole = JSON.stringify({ testResults: [file('passed')] });
    expect(parseReport(whole, say)).toEqual(JSON.parse(whole));
    expect(parseReport(undefined, say)).toBeUndefined();
    expect(say).not.toHaveBeenCalled();
    for (const half of [whole.slice(0, 20), '']) {
      const report = parseReport(half, say);
      expect(countTests({ report, green: false, ...checks }).line).toBe('2 passed, 1 failed');
      expect(say).toHaveBeenLastCalledWith(expect.stringMatching(/ended while it wrote its report.*Run them again/));
    }
  });
});
