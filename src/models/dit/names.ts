/** Parameter names of facebookresearch/DiT's checkpoints and of diffusers, to load the former by the latter. */
import type { StoredTensor, TensorSource } from '../module';

/** diffusers' name, without `.weight` or `.bias`, and the original's. */
const RENAMED: readonly [RegExp, string][] = [
  [/^pos_embed\.proj/, 'x_embedder.proj'],
  [/^transformer_blocks\.(\d+)\.norm1\.emb\.timestep_embedder\.linear_1/, 't_embedder.mlp.0'],
  [/^transformer_blocks\.(\d+)\.norm1\.emb\.timestep_embedder\.linear_2/, 't_embedder.mlp.2'],
  [/^transformer_blocks\.(\d+)\.norm1\.emb\.class_embedder/, 'y_embedder'],
  [/^transformer_blocks\.(\d+)\.norm1\.linear/, 'blocks.$1.adaLN_modulation.1'],
  [/^transformer_blocks\.(\d+)\.attn1\.to_[qkv]/, 'blocks.$1.attn.qkv'],
  [/^transformer_blocks\.(\d+)\.attn1\.to_out\.0/, 'blocks.$1.attn.proj'],
  [/^transformer_blocks\.(\d+)\.attn1\.gamma/, 'blocks.$1.attn.gamma'],
  [/^transformer_blocks\.(\d+)\.gamma/, 'blocks.$1.gamma'],
  [/^transformer_blocks\.(\d+)\.ff\.net\.0\.proj/, 'blocks.$1.mlp.fc1'],
  [/^transformer_blocks\.(\d+)\.ff\.net\.2/, 'blocks.$1.mlp.fc2'],
  [/^proj_out_1/, 'final_layer.adaLN_modulation.1'],
  [/^proj_out_2/, 'final_layer.linear'],
];

/** The original's name of a parameter: 'blocks.3.attn.qkv.bias' for 'transformer_blocks.3.attn1.to_k.bias'. */
export function originalName(name: string): string {
  const rule = RENAMED.find(([pattern]) => pattern.test(name));
  if (!rule) throw new Error(`Expected the name of a DiT's parameter, got '${name}'.`);
  return name.replace(rule[0], rule[1]);
}

/** Whether a checkpoint has the original's names. */
export const hasOriginalNames = (source: TensorSource): boolean => new Set(source.keys()).has('x_embedder.proj.weight');

/**
 * The original's tensors under diffusers' names `wanted`. Its one matrix of queries, keys and values is split in three;
 * its position embedding, which is fixed, is left out.
 */
export function underDiffusersNames(source: TensorSource, wanted: Iterable<string>): TensorSource {
  const given = new Set(source.keys());
  const originals = new Map([...wanted].map((name) => [name, originalName(name)]));
  const used = new Set(originals.values());
  const extra = [...given].filter((name) => !used.has(name) && name !== 'pos_embed');
  return {
    keys: () => [...[...originals].filter(([, original]) => given.has(original)).map(([name]) => name), ...extra],
    get: (name) => {
      const original = originals.get(name);
      const tensor = original === undefined ? undefined : source.get(original);
      const part = /\.to_([qkv])\./.exec(name)?.[1];
      return tensor && part ? third(tensor, 'qkv'.indexOf(part)) : tensor;
    },
  };
}

function third({ shape, data }: StoredTensor, index: number): StoredTensor {
  const size = data.length / 3;
  return { shape: [shape[0]! / 3, ...shape.slice(1)], data: data.slice(index * size, (index + 1) * size) };
}

const EMBEDDING = /^transformer_blocks\.\d+\.norm1\.emb\./;

/** Whether all blocks of a source with diffusers' names have the same embeddings, as in the published DiT. */
export function embeddingsAgree(source: TensorSource): boolean {
  const first = new Map<string, StoredTensor>();
  for (const name of source.keys()) {
    if (!EMBEDDING.test(name)) continue;
    const [part, tensor] = [name.replace(EMBEDDING, ''), source.get(name)];
    const before = first.get(part);
    if (!tensor) continue;
    if (!before) first.set(part, tensor);
    else if (before.data.some((value, i) => value !== tensor.data[i])) return false;
  }
  return true;
}
