/** Folders in the Hugging Face layout: config.json, and weights under any of their usual file names. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../common';
import { breathe } from '../../engine';
import type { RawConfig } from '../config';
import type { Module, StoredTensor, TensorSource } from '../module';
import type { ReadOptions } from './read-options';
import { SafetensorsFile, type WriteOptions, writeSafetensors } from './safetensors';
import { TorchFile } from './torch';

/** 'diffusion_pytorch_model' in diffusers' folders (unet, vae), 'model' in transformers' (text_encoder, image_encoder). */
export type WeightsName = 'diffusion_pytorch_model' | 'model';

/**
 * Reads a JSON file that must hold an object.
 * @throws naming the path, if it is missing, not JSON or not an object
 */
export function readJson(path: string): RawConfig {
  let parsed: unknown;
  try {
    // Python writes bare infinities (DPM-Solver's schedule has one), which JSON doesn't allow: they become strings.
    parsed = JSON.parse(readFileSync(path, 'utf8').replace(/(:\s*)(-?Infinity|NaN)(?=\s*[,}])/g, '$1"$2"'));
  } catch (error) {
    throw new Error(`Expected a JSON file at '${path}': ${(error as Error).message}`, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error(`Expected '${path}' to hold a JSON object, got ${JSON.stringify(parsed)?.slice(0, 40)}.`);
  }
  return parsed as RawConfig;
}

/** Settings that must be floats in Python: transformers 5 refuses 1 for 1.0, and JSON.stringify writes 1. */
const FLOATS =
  /("(?:initializer_factor|initializer_range|layer_norm_eps|norm_eps|scaling_factor|shift_factor|mid_block_scale_factor|beta_start|beta_end|clip_sample_range|attention_dropout)": -?\d+)(?=,?\n)/g;

/** Writes JSON to a temporary file, which then replaces `path`. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2).replace(FLOATS, '$1.0')}\n`);
}

/**
 * Weights of a model folder: a safetensors file, its half-precision variant, several shards, or a PyTorch file.
 * @throws naming the files that it looked for, if there is none; or the shard that is missing or lacks a tensor
 */
export function openWeights(folder: string, name: WeightsName, options?: ReadOptions): TensorSource {
  const found = weightsFile(folder, name);
  if (found === undefined) {
    throw new Error(`Expected weights in '${folder}': one of ${filesOf(name).join(', ')}. Download the model whole.`);
  }
  const path = join(folder, found);
  if (found.endsWith('.json')) return openShards(path, options);
  return found.endsWith('.bin') ? new TorchFile(path, options) : new SafetensorsFile(path, options);
}

/** Bytes of the files that `openWeights` would read; 0 where there are none. */
export function weightsBytes(folder: string, name: WeightsName): number {
  const found = weightsFile(folder, name);
  if (found === undefined) return 0;
  const files = found.endsWith('.json') ? new Set(Object.values(shardsOf(join(folder, found)))) : [found];
  return [...files].reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/** Names that a folder's weights may have, the preferred first. */
const filesOf = (name: WeightsName): string[] => [
  `${name}.safetensors`,
  `${name}.fp16.safetensors`,
  `${name}.safetensors.index.json`,
  name === 'model' ? 'pytorch_model.bin' : `${name}.bin`,
];

const weightsFile = (folder: string, name: WeightsName): string | undefined =>
  filesOf(name).find((file) => existsSync(join(folder, file)));

/** The file of each tensor, all of which are there. */
function shardsOf(index: string): Readonly<Record<string, string>> {
  const { weight_map: map } = readJson(index) as { weight_map?: Record<string, string> };
  if (!map) throw new Error(`Expected 'weight_map' in '${index}'.`);
  const missing = [...new Set(Object.values(map))].filter((file) => !existsSync(join(dirname(index), file)));
  if (missing.length > 0) {
    throw new Error(
      `Expected the shards that '${index}' names, found no ${missing.join(', ')}. Download the model whole.`,
    );
  }
  return map;
}

function openShards(index: string, options?: ReadOptions): TensorSource {
  const map = shardsOf(index);
  const files = new Map<string, SafetensorsFile>();
  for (const file of new Set(Object.values(map)))
    files.set(file, new SafetensorsFile(join(dirname(index), file), options));
  for (const [name, file] of Object.entries(map)) {
    if (files.get(file)?.describe(name)) continue;
    throw new Error(
      `Expected the tensor '${name}' in '${join(dirname(index), file)}', as '${index}' says; that shard lacks it. Download both again.`,
    );
  }
  return {
    keys: () => Object.keys(map),
    get: (name): StoredTensor | undefined => files.get(map[name] ?? '')?.get(name),
  };
}

/** Tensors loaded per turn of the event loop. */
const TENSORS_A_TURN = 8;

/**
 * Loads weights a few tensors at a time, so that loading a large model can report progress and be stopped. Names are
 * checked strictly before the first value is read.
 * @param onLoaded called with the number of tensors loaded since the last call
 */
export async function loadGradually(
  model: Module,
  source: TensorSource,
  { signal, onLoaded }: { signal?: AbortSignal | undefined; onLoaded?: (tensors: number) => void } = {},
): Promise<void> {
  model.load({ keys: () => source.keys(), get: () => undefined });
  const names = [...source.keys()];
  for (let start = 0; start < names.length; start += TENSORS_A_TURN) {
    await breathe(signal);
    const some = names.slice(start, start + TENSORS_A_TURN);
    model.load({ keys: () => some, get: (name) => source.get(name) }, { strict: false });
    onLoaded?.(some.length);
  }
}

/** Writes config.json and the weights of a model into a folder, which is created if missing. */
export async function saveModel(
  folder: string,
  model: Module,
  config: object,
  { name, ...options }: WriteOptions & { name: WeightsName },
): Promise<void> {
  writeSafetensors(join(folder, `${name}.safetensors`), await model.stateDict(), options);
  writeJson(join(folder, 'config.json'), config);
}
