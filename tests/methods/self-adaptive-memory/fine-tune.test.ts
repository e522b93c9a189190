import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DenoisingLoss } from '../../../src/diffusion';
import { lossAndGradients, tf } from '../../../src/engine';
import {
  drawBatch,
  fineTuningSettings,
  type FineTuneOptions,
  type FineTuning,
  type LossTerms,
  type MemoryPolicy,
  minimaxFineTune,
} from '../../../src/methods';
import { addGammas, type DiT, isDiffFitTrainable, SafetensorsFile } from '../../../src/models';
import { stepsDone } from '../../helpers/steps-done';
import { temporaryFolder } from '../../helpers/temporary';
import { relativeError } from '../../models/fixture';
import { classes, schedule, settings, tinyDit, tinyLatents } from './tiny-task';

const file = new SafetensorsFile(
  fileURLToPath(new URL('../../fixtures/methods/self-adaptive-memory/expected.safetensors', import.meta.url)),
);
const facts = JSON.parse(file.metadata.facts!) as Record<
  MemoryPolicy,
  { terms: number[][]; banks: Record<'real' | 'generated', Record<string, [step: number, index: number][]>> }
>;

const run = async (options: Partial<FineTuneOptions> = {}): Promise<{ dit: DiT; result: FineTuning }> => {
  const dit = tinyDit();
  return { dit, result: await minimaxFineTune(dit, tinyLatents(), { ...settings, schedule, classes, ...options }) };
};

/** A key's bias moves all scores of a query alike: its gradient is rounding, which Adam makes steps of. */
const hasEffect = (name: string): boolean => !name.endsWith('to_k.bias');

/** Values under a prefix of the fixture, as they lie in TensorFlow. */
function expected(prefix: string): Map<string, Float32Array> {
  const names = [...file.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return new Map(names.filter(hasEffect).map((name) => [name, file.get(prefix + name)!.data]));
}

const policies = ['self-adaptive', 'fifo', 'min'] as const;
const folder = temporaryFolder();

describe('minimaxFineTune, beside PyTorch', () => {
  it('has its gradients in the first step, of the parameters that DiffFit trains and of no others', () => {
    const dit = tinyDit();
    addGammas(dit);
    const all = fineTuningSettings.parse(settings);
    const batch = drawBatch(tinyLatents(), 0, { ...all, schedule, classes, nullClass: dit.nullClass });
    const variables = Object.fromEntries(Object.entries(dit.variables()).filter(([name]) => isDiffFitTrainable(name)));
    const { gradients } = lossAndGradients(variables, () => new DenoisingLoss(schedule).terms(dit, batch).loss);
    const theirs = expected('gradient/');
    expect(Object.keys(gradients).filter(hasEffect).sort()).toEqual([...theirs.keys()].sort());
    const scale = Math.max(...[...theirs.values()].map((values) => Math.max(...values.map(Math.abs))));
    for (const [name, values] of theirs) {
      const ours = gradients[name]!.dataSync();
      expect(Math.max(...values.map((value, i) => Math.abs(value - ours[i]!))) / scale, name).toBeLessThan(1e-5);
    }
  });

  it('makes its first update: AdamW at 1e-3', async () => {
    const { dit } = await run({ steps: 1, emaDecay: null });
    const { dit: reference } = await run({ steps: 1, emaDecay: null, learningRate: 1e-30 });
    const [after, before] = [dit.parameters(), reference.parameters()];
    for (const [name, values] of expected('first/')) {
      if (name.includes('gamma') || /to_[qv]|to_out|norm1\.linear/.test(name)) continue; // folded: see the next test
      expect(relativeError(await stored(after, name), values), name).toBeLessThan(1e-4);
      expect(relativeError(await stored(before, name), values), name).toBeGreaterThan(1e-4);
    }
  });

  it.each(policies)('has its mean gradient over eight steps, which leans on the memory: %s', async (policy) => {
    const checkpoint = { file: join(folder, `${policy}.safetensors`) };
    await run({ policy, learningRate: 1e-30, checkpoint });
    const state = new SafetensorsFile(checkpoint.file);
    const [theirs, ...others] = [policy, ...policies.filter((other) => other !== policy)].map((name) =>
      expected(`${name}/moment/`),
    );
    const scale = Math.max(...[...theirs!.values()].map((values) => Math.max(...values.map(Math.abs))));
    for (const [name, values] of theirs!) {
      const ours = state.get(`optimiser/first/${name}`)!.data;
      const distance = (to: Float32Array) => Math.max(...to.map((value, i) => Math.abs(value - ours[i]!))) / scale;
      expect(distance(values), name).toBeLessThan(5e-6);
      // Each parameter tells this memory from the others.
      for (const other of others) expect(distance(other.get(name)!), name).toBeGreaterThan(5e-5);
    }
  });

  it.each(policies)('goes its way for eight steps, memory: %s', async (policy) => {
    const losses: number[] = [];
    const onProgress: FineTuneOptions['onProgress'] = ({ detail }) => losses.push(Number(detail!.slice(5)));
    const { dit, result } = await run({ policy, onProgress });
    const { terms, banks } = facts[policy];
    for (const [step, [, diffusion, real, generated]] of terms.entries()) {
      const seen = result.terms.find((entry) => entry.step === step) as LossTerms;
      expect(seen.diffusion / diffusion!, `step ${step}`).toBeCloseTo(1, 4);
      expect(seen.real, `step ${step}`).toBeCloseTo(real!, 4);
      expect(seen.generated, `step ${step}`).toBeCloseTo(generated!, 4);
    }
    expect(losses[0]! / terms[0]![0]!).toBeCloseTo(1, 2);
    for (const kind of ['real', 'generated'] as const) {
      for (const [label, entries] of Object.entries(banks[kind])) {
        const held = result.memories.of(kind, Number(label))!.entries;
        expect(held.map(({ step, image }) => [step, Number(image.slice(6))])).toEqual(entries);
      }
    }
    const averages = expected(`${policy}/average/`);
    for (const [name, values] of averages) {
      if (name.includes('gamma')) continue;
      const unfolded = await withoutScales(dit, name, averages);
      expect(relativeError(unfolded, values), name).toBeLessThan(1e-5);
    }
    for (const other of policies.filter((name) => name !== policy)) {
      const theirs = expected(`${other}/average/`);
      const apart = [...averages].map(([name, values]) => relativeError(theirs.get(name)!, values));
      expect(Math.max(...apart), `${policy} and ${other}`).toBeGreaterThan(1e-4);
    }
  });
});

describe('minimaxFineTune', () => {
  it.each([
    ['self-adaptive', 'step'],
    ['self-adaptive', 'epoch'],
    ['fifo', 'epoch'],
  ] as const)('killed at any step and resumed, gives the same bits (%s, %s)', async (policy, update) => {
    const options = { policy, update, steps: 9 };
    const whole = await run(options);
    for (const stop of [1, 6]) {
      const checkpoint = { file: join(folder, `${policy}-${update}-${stop}.safetensors`) };
      const controller = new AbortController();
      const killed = run({
        ...options,
        checkpoint,
        signal: controller.signal,
        onProgress: ({ done }) => done === stop && controller.abort(),
      });
      await expect(killed).rejects.toThrow(/abort/i);
      const { steps, onProgress } = stepsDone();
      const resumed = await run({ ...options, checkpoint, onProgress });
      expect(steps[0]).toBe(stop + 1);
      expect(await resumed.dit.stateDict()).toEqual(await whole.dit.stateDict());
      expect(resumed.result.memories.rows()).toEqual(whole.result.memories.rows());
      expect(resumed.result.terms).toEqual(whole.result.terms);
    }
  });

  it('refuses a checkpoint of other settings or images', async () => {
    const checkpoint = { file: join(folder, 'settings.safetensors') };
    await run({ steps: 2, checkpoint });
    await expect(run({ steps: 2, lambdaReal: 0.1, checkpoint })).rejects.toThrow(
      'Expected a checkpoint of this fine-tuning',
    );
    const others = minimaxFineTune(tinyDit(), tinyLatents(10), {
      ...settings,
      schedule,
      classes,
      steps: 2,
      checkpoint,
    });
    await expect(others).rejects.toThrow('Expected a checkpoint of this fine-tuning');
  });

  it('shows its memories: which image, when, at which noise, how like the others', async () => {
    const { result } = await run();
    const rows = result.memories.rows();
    expect(rows).toHaveLength(3 * (3 + 2));
    for (const { kind, label, similarity, step, timestep, place, image } of rows) {
      const memory = result.memories.of(kind, label)!;
      expect(memory.entries[place]).toMatchObject({ step, timestep, image });
      expect(similarity).toBe(memory.similarities()[place]);
      expect(Number(image.slice(6)) % 3).toBe(label);
    }
  });

  it('changes what it trains and nothing else, and leaves no scale behind', async () => {
    const { dit } = await run({ steps: 3 });
    const before = tinyDit().parameters();
    for (const [name, parameter] of dit.parameters()) {
      const moved = relativeError((await parameter.stored()).data, await stored(before, name)) > 0;
      // The first block's layers hold the folded scales.
      const folded = /transformer_blocks\.0\.(attn1|norm1\.linear)/.test(name);
      expect(moved, name).toBe(isDiffFitTrainable(name) || folded);
    }
  });

  it('keeps no tensor but the weights', async () => {
    const dit = tinyDit();
    const before = tf.memory().numTensors;
    await minimaxFineTune(dit, tinyLatents(), { ...settings, schedule, classes, steps: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what does not fit', async () => {
    await expect(run({ batch: 12 })).rejects.toThrow('Expected a batch of 1 … 11 images');
    const plain = { ...tinyLatents(), mirrored: undefined };
    const unmirrored = minimaxFineTune(tinyDit(), plain, { ...settings, schedule, classes });
    await expect(unmirrored).rejects.toThrow('Expected latents of mirrored images too');
    await expect(run({ realCapacity: 0 })).rejects.toThrow('realCapacity');
    await expect(run({ lambdaReal: -1 })).rejects.toThrow('lambdaReal');
    await expect(run({ classes: [0, 1] })).rejects.toThrow('a class of the prior for each label, got none for 2');
  });
});

async function stored(parameters: ReturnType<DiT['parameters']>, name: string): Promise<Float32Array> {
  return (await parameters.get(name)!.stored()).data;
}

/** A parameter of a DiT whose scales were folded, with the scales of `averages` divided out again. */
async function withoutScales(dit: DiT, name: string, averages: Map<string, Float32Array>): Promise<Float32Array> {
  const values = await stored(dit.parameters(), name);
  const block = name.match(/^transformer_blocks\.\d+/)?.[0];
  const scale = (gamma: string): number[] | undefined => {
    const found = averages.get(`${block}.${gamma}`);
    return found && [...found];
  };
  const [projections, output, gate1, gate2] = ['attn1.gamma1', 'attn1.gamma2', 'gamma1', 'gamma2'].map(scale);
  if (!projections) return values;
  const width = output!.length;
  const factors: Record<string, number[]> = {
    'attn1.to_q.bias': projections.slice(0, width),
    'attn1.to_v.bias': projections.slice(2 * width),
    'attn1.to_out.0.bias': output!,
    'norm1.linear.bias': [...ones(2 * width), ...gate1!, ...ones(2 * width), ...gate2!],
  };
  const factor = factors[name.slice(block!.length + 1)];
  return factor ? values.map((value, i) => value / factor[i]!) : values;
}

const ones = (size: number): number[] => new Array<number>(size).fill(1);
