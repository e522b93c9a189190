export { trainBpe, type Vocabulary } from './bpe';
export type { ClipEncoderConfig } from './encoder';
export { type ClipTextConfig, ClipTextModel, type ClipTextOptions, type ClipTextOutput } from './text';
export { ClipTokenizer, openAiVocabulary, type TokenizerOptions } from './tokenizer';
export { type ClipVisionConfig, ClipVisionModel, type ClipVisionOptions, type ClipVisionOutput } from './vision';
