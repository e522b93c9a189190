/**
 * A tf.Variable's values as a resource variable, which TensorFlow's optimiser kernels update in place. The tf.Variable
 * keeps pointing at them: after each update its handle is replaced by a fresh reading, which shares the memory.
 */
import { attribute, backend, DataType, executeRaw, executeRawMany } from '../raw';
import { type Tensor, tf, type Variable } from '../tensorflow';

const FLOAT = attribute.type('dtype', DataType.float32);
let made = 0;

/** One float32 array that TensorFlow's optimiser kernels can write. */
export class Resource {
  readonly handle: Tensor;
  private readonly shape: readonly number[];

  constructor(initial: Tensor) {
    this.shape = initial.shape;
    made += 1;
    this.handle = tf.keep(
      executeRaw(
        'VarHandleOp',
        [
          attribute.string('container', ''),
          attribute.string('shared_name', `stillhouse/${made}`),
          FLOAT,
          attribute.shape('shape', initial.shape),
        ],
        [],
      ),
    );
    this.write(initial);
  }

  /** With a copy of `values`, whose own memory may be written by others. */
  static copy(values: Tensor): Resource {
    const copied = tf.mul(values, 1);
    const resource = new Resource(copied);
    copied.dispose();
    return resource;
  }

  static zeros(like: Tensor): Resource {
    const zeros = tf.zerosLike(like);
    const resource = new Resource(zeros);
    zeros.dispose();
    return resource;
  }

  write(value: Tensor): void {
    executeRawMany('AssignVariableOp', [FLOAT], [this.handle, value], 0);
  }

  /** The values now. Shares the memory: a later update then works on a copy. */
  read(): Tensor {
    const value = executeRaw('ReadVariableOp', [FLOAT], [this.handle]);
    return value.shape.length === this.shape.length ? value : tf.reshape(value, this.shape as number[]);
  }

  dispose(): void {
    executeRawMany('DestroyResourceOp', [attribute.bool('ignore_lookup_error', true)], [this.handle], 0);
    this.handle.dispose();
  }
}

/** The values of a tf.Variable, with the two kept pointing at the same memory. */
export class LinkedVariable {
  readonly variable: Variable;
  private readonly resource: Resource;
  private seen: { data: object; id: number } | undefined;

  constructor(variable: Variable) {
    this.variable = variable;
    this.resource = new Resource(variable);
  }

  /** Runs an optimiser kernel on the values; `update` gets the resource's handle. */
  update(update: (handle: Tensor) => void): void {
    const { variable, resource } = this;
    const { binding, tensorMap } = backend();
    const entry = tensorMap.get(variable.dataId);
    // The tf.Variable was assigned meanwhile (loaded weights, an average): take its values.
    if (this.seen?.data !== variable.dataId || this.seen.id !== entry.id) resource.write(variable);
    // Without the tf.Variable's own reference the kernel need not copy. It gets the new one below, whatever happens.
    binding.deleteTensor(entry.id);
    try {
      update(resource.handle);
    } finally {
      const handle = tensorMap.get(resource.handle.dataId).id;
      const [fresh] = binding.executeOp('ReadVariableOp', [FLOAT], [handle], 1);
      entry.id = fresh!.id;
      this.seen = { data: variable.dataId, id: entry.id };
    }
  }

  /** Lets go of TensorFlow's variable; the tf.Variable keeps its values. */
  dispose(): void {
    this.resource.dispose();
  }
}
