import { appendFileSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readKnownClasses } from '../../src/diffusion';
import { priorFingerprint, priorFolder, priors } from '../../src/experiments';
import { unchangedPriorFolder } from '../../src/experiments/priors';
import { temporaryFolder } from '../helpers/temporary';

describe('the priors that ship', () => {
  it.each(priors())('%s names its classes, ten of them', (name) => {
    expect(readKnownClasses(priorFolder(name))).toHaveLength(10);
  });
});

describe('priorFolder', () => {
  it('names the priors there are, and how to train another', () => {
    expect(() => priorFolder('nowhere')).toThrow(/still-life.*got 'nowhere'\. .*train-prior FOLDER/);
  });
});

describe('priorFingerprint', () => {
  const folder = join(temporaryFolder(), 'prior');
  cpSync(priorFolder('still-life'), folder, { recursive: true });
  const whole = priorFingerprint(folder);

  it('is the same wherever the folder lies', () => {
    expect(whole).toBe(priorFingerprint(priorFolder('still-life')));
  });
  it('is one of what is computed with, not of what is told', () => {
    rmSync(join(folder, 'training.json'));
    rmSync(join(folder, 'classes.json'));
    writeFileSync(join(folder, 'README.md'), 'another card');
    expect(priorFingerprint(folder)).toBe(whole);
  });
  it('changes with a config, and with weights of any format', () => {
    const found = new Set([whole]);
    appendFileSync(join(folder, 'unet', 'config.json'), ' ');
    found.add(priorFingerprint(folder));
    writeFileSync(join(folder, 'unet', 'diffusion_pytorch_model.bin'), 'weights');
    found.add(priorFingerprint(folder));
    expect(found.size).toBe(3);
  });
});

it('a prior that was changed since its key was made is refused, by name', () => {
  const folder = join(temporaryFolder(), 'prior');
  cpSync(priorFolder('still-life'), folder, { recursive: true });
  const prior = { name: folder, fingerprint: priorFingerprint(folder) };
  expect(unchangedPriorFolder(prior)).toBe(folder);
  appendFileSync(join(folder, 'unet', 'config.json'), ' ');
  expect(() => unchangedPriorFolder(prior)).toThrow(`Prior '${folder}' was changed after the run began.`);
});
