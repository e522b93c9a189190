/** Resizing, NHWC. tfjs's own bilinear gradient is wrong with half-pixel centres; TensorFlow's is right. */
import { attribute, differentiable, executeRaw, F32, int32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectInteger, expectRank } from './check';
import { broadcastTo, reshape, scale } from './elementary';

/** [height, width], pixels. */
export type Size = readonly [number, number];

function check(operation: string, x: Tensor, size: Size): void {
  expectRank(operation, 'x', x, 4);
  expectInteger(operation, 'height', size[0], 1);
  expectInteger(operation, 'width', size[1], 1);
}

/** Nearest neighbour, PyTorch's `nearest` (source pixel ⌊i · scale⌋). x [N, H, W, C] → [N, size[0], size[1], C]. */
export function resizeNearest(x: Tensor, size: Size): Tensor {
  check('resizeNearest', x, size);
  const [n, h, w, c] = x.shape as [number, number, number, number];
  const [height, width] = size;
  const [down, across] = [height / h, width / w];
  if (Number.isInteger(down) && Number.isInteger(across)) {
    // Whole factors, the usual case: a broadcast is several times faster than the resize op, and average pooling than sums.
    const window = [1, down, across, 1];
    const pooling = [
      F32,
      attribute.int('ksize', window),
      attribute.int('strides', window),
      attribute.string('padding', 'VALID'),
      attribute.string('data_format', 'NHWC'),
    ];
    return differentiable({
      name: 'resizeNearest',
      inputs: { x },
      forward: () =>
        reshape(broadcastTo(reshape(x, [n, h, 1, w, 1, c]), [n, h, down, w, across, c]), [n, height, width, c]),
      backward: (dy) => ({ x: () => scale(executeRaw('AvgPool', pooling, [dy]), down * across) }),
    });
  }
  return resize('resizeNearest', 'ResizeNearestNeighbor', x, size, false, (attributes, dy) =>
    executeRaw('ResizeNearestNeighborGrad', attributes, [dy, int32([h, w])]),
  );
}

/** Bilinear with half-pixel centres, PyTorch's `align_corners=False`. x [N, H, W, C] → [N, size[0], size[1], C]. */
export function resizeBilinear(x: Tensor, size: Size): Tensor {
  check('resizeBilinear', x, size);
  return resize('resizeBilinear', 'ResizeBilinear', x, size, true, (attributes, dy, x) =>
    executeRaw('ResizeBilinearGrad', attributes, [dy, x!]),
  );
}

function resize(
  name: string,
  operation: string,
  x: Tensor,
  size: Size,
  bilinear: boolean,
  gradient: (attributes: (typeof F32)[], dy: Tensor, x: Tensor | undefined) => Tensor,
): Tensor {
  const attributes = [F32, attribute.bool('align_corners', false), attribute.bool('half_pixel_centers', bilinear)];
  return differentiable({
    name,
    inputs: { x },
    forward(save) {
      // The bilinear gradient takes the input for its shape alone.
      if (bilinear) save(x);
      return executeRaw(operation, attributes, [x, int32(size)]);
    },
    backward: (dy, [x]) => ({ x: () => gradient(attributes, dy, x) }),
  });
}
