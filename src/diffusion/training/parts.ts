/** The untrained parts of a prior, and the prompts that they are trained on. */
import {
  AutoencoderKL,
  ClipTextModel,
  ClipTokenizer,
  ClipVisionModel,
  trainBpe,
  UNet2DConditionModel,
} from '../../models';
import { NoiseSchedule } from '../schedules';
import type { PriorRecipe } from './recipes';

/** Maximum size of the tokenizer's vocabulary. Merging stops earlier once every word of the prompts is a token. */
const VOCABULARY = 1024;

/** Untrained networks, and a tokenizer learned from the prompts. */
export interface UntrainedParts {
  tokenizer: ClipTokenizer;
  /** Token ids of each class's prompt, then of the null prompt: [classes + 1][tokens]. */
  tokens: number[][];
  vae: AutoencoderKL;
  text: ClipTextModel;
  vision: ClipVisionModel;
  unet: UNet2DConditionModel;
  schedule: NoiseSchedule;
}

/**
 * Builds the networks of a recipe; their weights depend only on its seed.
 * @throws if two prompts have the same tokens: the tokenizer ignores case and surrounding spaces
 */
export function untrainedParts(recipe: PriorRecipe, classes: readonly string[]): UntrainedParts {
  const { seed } = recipe;
  const prompts = [...classes.map((label) => recipe.prompt.replace('{}', label)), recipe.nullPrompt];
  const vocabulary = trainBpe(prompts, VOCABULARY);
  const whole = new ClipTokenizer(vocabulary);
  // Long class names must not be truncated to a common beginning.
  const maxLength = Math.max(recipe.promptLength, ...prompts.map((prompt) => whole.tokens(prompt).length));
  const tokenizer = new ClipTokenizer({ ...vocabulary, maxLength });
  const tokens = prompts.map((prompt) => tokenizer.encode(prompt));
  refuseEqualPrompts(tokens, prompts);
  return {
    tokenizer,
    tokens,
    vae: new AutoencoderKL(recipe.vae, { seed }),
    text: new ClipTextModel(
      {
        ...recipe.text,
        vocab_size: tokenizer.size,
        max_position_embeddings: maxLength,
        eos_token_id: tokenizer.end,
      },
      { seed },
    ),
    vision: new ClipVisionModel(recipe.vision, { seed }),
    unet: new UNet2DConditionModel(recipe.unet, { seed }),
    schedule: new NoiseSchedule(),
  };
}

function refuseEqualPrompts(tokens: readonly (readonly number[])[], prompts: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const [i, ids] of tokens.entries()) {
    const other = seen.get(ids.join());
    if (other !== undefined) {
      throw new Error(
        `Expected prompts that differ, got '${other}' and '${prompts[i]}', which are one text to the tokenizer. Rename one of the classes.`,
      );
    }
    seen.set(ids.join(), prompts[i]!);
  }
}
