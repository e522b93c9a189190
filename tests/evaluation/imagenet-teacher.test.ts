/** A published teacher on real photos. Its accuracy on all of them: tests/checks/mobilenet-v2-imagewoof.ts. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ImageDataset, imageFolder, imageWoof } from '../../src/datasets';
import { loadCheckpoint, loadLabelled } from '../../src/evaluation';
import { rdedSelection } from '../../src/methods';
import { writeSafetensors } from '../../src/models';
import { mobilenetNormalisation, mobilenetWeights, turnedDataset } from '../helpers/mobilenet-weights';
import { sharedData } from '../helpers/shared-data';
import { temporaryFolder } from '../helpers/temporary';

const weights = sharedData('weights', 'mobilenet_v2_imagenet_q8.npz');
const photos = sharedData('photos', 'imagewoof');
const folder = temporaryFolder();
const subset = { name: 'two dogs', classes: [2, 3].map((label) => imageWoof.classes[label]!) };

describe.runIf(weights && photos)(
  'a MobileNet-V2 of ImageNet, cut to two breeds (needs ../shared/data/weights and photos)',
  () => {
    const open = async (split: 'train' | 'val', perClass: number): Promise<ImageDataset> =>
      turnedDataset(
        await imageFolder({ folder: photos!, split, subset, perClass, indexPath: join(folder, `${split}.json`) }),
      );

    it("tells them apart untrained, and judges RDED's crops of 256-pixel photos at 224 pixels", async () => {
      const file = join(folder, 'mobilenet_v2.safetensors');
      writeSafetensors(file, mobilenetWeights(weights!));
      const normalisation = mobilenetNormalisation;
      const images = await loadLabelled(await open('val', 3), { size: 224, preparation: 'centre', normalisation });
      const teacher = await loadCheckpoint(file, images, { network: 'mobilenet_v2' });
      expect(teacher.classes).toEqual(['Samoyed', 'beagle']);
      expect(teacher.accuracy).toBeGreaterThan(0.8);

      const pool = await open('train', 4);
      const options = { imagesPerClass: 1, factor: 2, candidates: 4, crops: 2, size: 224, seed: 0 };
      const set = await rdedSelection(pool, { observer: teacher, ...options });
      expect(set.images.map(({ label }) => label)).toEqual([0, 1]);
      for (const { label, pixels, sources } of set.images) {
        expect([pixels.height, pixels.width]).toEqual([224, 224]);
        expect(sources.map(({ image }) => pool.labels[image])).toEqual([label, label, label, label]);
        const scores = sources.map(({ score }) => score!);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        // The surest crop is one that the teacher calls by its name.
        expect(Math.exp(scores[0]!)).toBeGreaterThan(0.5);
      }
      teacher.network.dispose();
    });
  },
);
