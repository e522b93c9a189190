/** `stillhouse ablation`: the 60 configurations, measured and written down. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { planCommand, runCommand, Store, SweepError, terminalOf, terminalProgress } from '../../sweeps';
import { priorFingerprint, priorFolder } from '../priors';
import { measureAblation } from './measure';
import { ablationReport } from './report';
import { selectionAblation, selectionAblationDefaults } from './selection';

const project = fileURLToPath(new URL('../../..', import.meta.url));

export interface AblationCommandOptions {
  /** Work in an empty store that's removed afterwards, and measure; else the project's store, and the table alone. */
  fresh?: boolean;
  /** Images per class; default 50. */
  perClass?: number;
  /** Noise draws per image; default the small priors'. */
  draws?: number;
  /** Worker processes. */
  workers?: number;
  /** Classes that the script from scratch works out, for the comparison. */
  scratchClasses?: number;
  /** Where the page goes, and beside it one row a run as CSV; default results/ablation-selection.md. */
  out?: string;
}

/** Runs the ablation. @returns the exit code */
export async function ablationCommand(options: AblationCommandOptions = {}): Promise<number> {
  const { fresh = false, perClass, draws, workers, scratchClasses } = options;
  const { out = join(project, 'results', 'ablation-selection.md') } = options;
  const { dataset } = selectionAblationDefaults;
  const ablation = selectionAblation({
    dataset: { ...dataset, ...(perClass ? { perClass } : {}) },
    ...(draws ? { draws } : {}),
  });
  if (!fresh) {
    await planCommand([ablation.sweep]);
    return runCommand(ablation.sweep, workers ? { workers } : {});
  }
  const folder = mkdtempSync(join(tmpdir(), 'stillhouse-ablation-'));
  const progress = terminalProgress((text) => process.stderr.write(text), terminalOf(process.stderr));
  try {
    const { cost, results } = await measureAblation(ablation, {
      store: new Store(folder),
      say: (line) => {
        progress.close();
        console.log(line);
      },
      onProgress: progress.onProgress,
      ...(workers ? { workers } : {}),
      ...(scratchClasses === undefined ? {} : { scratchClasses }),
    });
    const page = ablationReport(ablation, results, {
      cost,
      made: {
        commit: commit(),
        prior: priorFingerprint(priorFolder(ablation.options.prior)).slice(0, 16),
        dataset: ablation.pool.fingerprint.slice(0, 16),
      },
    });
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, page);
    writeFileSync(out.replace(/(\.md)?$/, '.csv'), results.table.toCSV());
    console.log(page.slice(0, page.indexOf('## Results')));
    console.log(out);
    return 0;
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: project, encoding: 'utf8' }).trim();
  } catch {
    return 'not a git checkout';
  }
}
