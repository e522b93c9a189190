/**
 * akamaster's ResNet-20 on the real CIFAR-10 test set: published 91.73 %. Proves the PyTorch reader, the network and the
 * accuracy on weights that nobody here trained. Half a minute.
 *
 *   npx tsx tests/checks/resnet20-cifar10.ts WEIGHTS.th
 */
import { cifar10, findCifar10 } from '../../src/datasets';
import { accuracy, loadLabelled } from '../../src/evaluation';
import { ResNet20, TorchFile } from '../../src/models';

const [path] = process.argv.slice(2);
if (!path) throw new Error('Expected the path of resnet20-12fca82f.th.');
const folder = await findCifar10();
if (!folder) throw new Error('Expected CIFAR-10 on this machine; see README for where it is looked for.');

const network = new ResNet20({ classes: 10 }).load(new TorchFile(path));
const reached = await accuracy(network, await loadLabelled(cifar10({ folder, split: 'test' })));
console.log(`ResNet-20: ${(100 * reached).toFixed(2)} % (published 91.73 %)`);
if (Math.abs(reached - 0.9173) > 0.0005) process.exitCode = 1;
