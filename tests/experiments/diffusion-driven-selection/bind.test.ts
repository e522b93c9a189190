import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bindDistillation } from '../../../src/experiments/diffusion-driven-selection/bind';
import { priorFolder } from '../../../src/experiments/priors';
import { NotAtThisScale } from '../../../src/experiments/scales';
import { temporaryFolder } from '../../helpers/temporary';

describe('bindDistillation', () => {
  const settings = {
    dataset: { kind: 'still-life', split: 'train', perClass: 4, size: 64, seed: 0 },
    prior: join(temporaryFolder(), 'prior'),
    imagesPerClass: 1,
    patchSize: 32,
    draws: 12,
  } as const;
  cpSync(priorFolder('still-life'), settings.prior, { recursive: true });
  const bindClip = () => bindDistillation({ ...settings, features: { kind: 'clip' }, clusters: 2, topClusters: 1 });

  it('refuses features of CLIP before anything runs where the prior has no image encoder', () => {
    expect(bindClip().classes).toHaveLength(10);
    const path = join(settings.prior, 'model_index.json');
    const index = JSON.parse(readFileSync(path, 'utf8'));
    for (const absent of [[null, null], undefined]) {
      writeFileSync(path, JSON.stringify({ ...index, image_encoder: absent }));
      expect(bindClip).toThrow(NotAtThisScale);
      expect(bindClip).toThrow(/has no image_encoder, which features of CLIP need/);
    }
  });
});
