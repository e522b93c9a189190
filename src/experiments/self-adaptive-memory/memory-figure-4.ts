/** Figure 4 of paper 000: how much do the weights of the two losses and the sizes of the two memories matter? */
import { type Claim, highest } from '../claims';
import { type Experiment, experiment } from '../experiment';
import { published } from '../published';
import { adoptedValues, type VariedSetting, variedNames, variedSettings } from './varied-settings';

const ours = 'self-adaptive memory';

const settings = variedSettings;
const all = (variedNames.flatMap((name) => settings[name].values) as number[]).sort((a, b) => a - b);

const best = (name: VariedSetting, says: string): Claim =>
  highest({ value: settings[name].adopted }, { among: { setting: name }, says, onPublished: 'not in the text' });

export const memoryFigure4: Experiment = experiment({
  name: 'memory-figure-4',
  paper: 'self-adaptive memory',
  item: 'Figure 4 of paper 000',
  title: 'weights of the losses and sizes of the memories',
  says: 'Accuracy by λ_r, λ_g, N_R and N_G, each varied alone, three runs per setting. The text has lost the values of the figure; the adopted ones are those of the released code.',
  axes: {
    method: [ours],
    setting: variedNames,
    value: [...new Set(all)],
    imagesPerClass: [10, 20, 50],
  },
  where: ({ setting, value }) => (settings[setting].values as readonly number[]).includes(value),
  cell: ({ method, setting, value, imagesPerClass }) => ({
    dataset: 'ImageWoof',
    method,
    settings: { [settings[setting].field]: value },
    imagesPerClass,
    student: 'ResNetAP-10',
    protocol: 'idc',
  }),
  controls: 'method',
  published: published('self-adaptive-memory', 'figure-4'),
  claims: [
    best('λ_r', 'λ_r = 0.002 is the best weight of the real loss.'),
    best('λ_g', 'λ_g = 0.008 is the best weight of the generative loss.'),
    best('N_R', '64 is the best size of the memory of real latents.'),
    best('N_G', '64 is the best size of the memory of generated latents.'),
  ],
  table: { rows: ['setting', 'value'], columns: ['imagesPerClass'] },
  chart: {
    kind: 'lines',
    x: 'value',
    series: 'imagesPerClass',
    facet: 'setting',
    interval: 'range',
    ownX: true,
    adopted: adoptedValues,
  },
  labels: { value: 'value of the setting', imagesPerClass: 'images per class' },
});
