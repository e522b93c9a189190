/** Losses: scalars, means over the batch. */
import { attribute, DataType, differentiable, executeRawMany, F32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectRank, expectSameShape, expectSize } from './check';
import { logSoftmax, mul, negate, reshape, scale, softmax, squaredDifference, sub, sum, total } from './elementary';

/** Mean of (a − b)² over all elements, for two float32 tensors of one shape. */
export function meanSquaredError(a: Tensor, b: Tensor): Tensor {
  expectFloat('meanSquaredError', 'a', a);
  expectFloat('meanSquaredError', 'b', b);
  expectSameShape('meanSquaredError', a, b);
  return differentiable({
    name: 'meanSquaredError',
    inputs: { a, b },
    forward(save) {
      save(a, b);
      return scale(total(squaredDifference(a, b)), 1 / a.size);
    },
    backward(dy, saved) {
      const [a, b] = saved as [Tensor, Tensor];
      const factor = scale(dy, 2 / a.size);
      return { a: () => mul(sub(a, b), factor), b: () => mul(sub(b, a), factor) };
    },
  });
}

/**
 * Cross entropy of class labels: mean of −log softmax(logits)[label].
 * @param logits float32 [N, classes]
 * @param labels int32 [N], 0 … classes − 1
 * @throws on shapes or types that do not fit. A label out of range gives NaN.
 */
export function softmaxCrossEntropy(logits: Tensor, labels: Tensor): Tensor {
  expectRank('softmaxCrossEntropy', 'logits', logits, 2);
  if (labels.dtype !== 'int32' || labels.rank !== 1) {
    throw new Error(
      `softmaxCrossEntropy: expected \`labels\` to be int32 [N], got ${labels.dtype} [${labels.shape}]. For probabilities use softTargetCrossEntropy.`,
    );
  }
  const rows = logits.shape[0]!;
  expectSize('softmaxCrossEntropy', 'the size of `labels`', labels.size, rows, 'the rows of `logits`');
  return differentiable({
    name: 'softmaxCrossEntropy',
    inputs: { logits },
    forward(save) {
      const [losses, gradient] = executeRawMany(
        'SparseSoftmaxCrossEntropyWithLogits',
        [F32, attribute.type('Tlabels', DataType.int32)],
        [logits, labels],
        2,
      ) as [Tensor, Tensor];
      save(gradient);
      return scale(total(losses), 1 / rows);
    },
    backward: (dy, [gradient]) => ({ logits: () => mul(gradient!, scale(dy, 1 / rows)) }),
  });
}

/**
 * Cross entropy of soft labels: mean of −Σ p log softmax(logits).
 * @param logits float32 [N, classes]
 * @param probabilities float32 [N, classes], rows that sum to 1
 * @throws on shapes that do not fit.
 */
export function softTargetCrossEntropy(logits: Tensor, probabilities: Tensor): Tensor {
  expectRank('softTargetCrossEntropy', 'logits', logits, 2);
  expectFloat('softTargetCrossEntropy', 'probabilities', probabilities);
  expectSameShape('softTargetCrossEntropy', logits, probabilities);
  const rows = logits.shape[0]!;
  return differentiable({
    name: 'softTargetCrossEntropy',
    inputs: { logits, probabilities },
    forward(save) {
      const [losses, gradient] = executeRawMany('SoftmaxCrossEntropyWithLogits', [F32], [logits, probabilities], 2) as [
        Tensor,
        Tensor,
      ];
      save(logits, gradient);
      return scale(total(losses), 1 / rows);
    },
    backward(dy, [logits, gradient]) {
      const factor = scale(dy, 1 / rows);
      return {
        logits: () => mul(gradient!, factor),
        probabilities: () => mul(negate(logSoftmax(logits!)), factor),
      };
    },
  });
}

export interface DistillationOptions {
  /** Divides both logits before the softmax, > 0. */
  temperature: number;
}

/**
 * Distillation loss of RDED (Sun et al. 2024): KL(softmax(teacher/T) ‖ softmax(student/T)), mean over the batch
 * (PyTorch's `KLDivLoss(reduction='batchmean')`), without Hinton's factor T².
 * @param studentLogits float32 [N, classes]
 * @param teacherLogits float32 [N, classes]
 * @throws on shapes that do not fit or a temperature that is not positive.
 */
export function distillationLoss(studentLogits: Tensor, teacherLogits: Tensor, options: DistillationOptions): Tensor {
  const { temperature } = options;
  if (!(temperature > 0)) {
    throw new Error(`distillationLoss: expected \`temperature\` to be a number > 0, got ${temperature}.`);
  }
  expectRank('distillationLoss', 'studentLogits', studentLogits, 2);
  expectRank('distillationLoss', 'teacherLogits', teacherLogits, 2);
  expectSameShape('distillationLoss', studentLogits, teacherLogits);
  const rows = studentLogits.shape[0]!;
  const soften = (logits: Tensor) => scale(logits, 1 / temperature);
  return differentiable({
    name: 'distillationLoss',
    inputs: { student: studentLogits, teacher: teacherLogits },
    forward(save) {
      const student = soften(studentLogits);
      const teacher = soften(teacherLogits);
      save(student, teacher);
      const ratio = sub(logSoftmax(teacher), logSoftmax(student));
      return scale(total(mul(softmax(teacher), ratio)), 1 / rows);
    },
    backward(dy, saved) {
      const [student, teacher] = saved as [Tensor, Tensor];
      const factor = scale(dy, 1 / (rows * temperature));
      const p = softmax(teacher);
      return {
        student: () => mul(sub(softmax(student), p), factor),
        teacher: () => {
          const ratio = sub(logSoftmax(teacher), logSoftmax(student));
          const expected = reshape(sum(mul(p, ratio), [1]), [rows, 1]);
          return mul(mul(p, sub(ratio, expected)), factor);
        },
      };
    },
  });
}
