/** TensorFlow, loaded once. All other files import `tf` from here. */
import './environment';
import './garbage-collection';
import * as tfjs from '@tensorflow/tfjs-node-gpu';

// A CommonJS package: Node hands its exports over as the default, other loaders as the namespace itself.
export const tf: typeof tfjs = (tfjs as { default?: typeof tfjs }).default ?? tfjs;

export type {
  NamedTensorMap,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  Variable,
} from '@tensorflow/tfjs-node-gpu';
