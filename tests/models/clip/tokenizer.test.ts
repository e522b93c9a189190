import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ClipTokenizer, openAiVocabulary, trainBpe } from '../../../src/models/clip';
import { fixturePath } from '../fixture';
import { sharedData } from '../../helpers/shared-data';
import { temporaryFolder } from '../../helpers/temporary';

const { texts, small, openai } = JSON.parse(
  gunzipSync(readFileSync(fixturePath('tokenizer-ids.json.gz'))).toString(),
) as { texts: string[]; small: number[][]; openai: number[][] };

const OPENAI = sharedData('weights', 'bpe_simple_vocab_16e6.txt.gz');

/** The texts whose ids differ, for a message that can be read. */
function differences(tokenizer: ClipTokenizer, expected: readonly number[][]): unknown[] {
  return texts.flatMap((text, i) => {
    const ids = tokenizer.encode(text);
    return ids.join() === expected[i]!.join() ? [] : [{ text, ids: ids.join(), expected: expected[i]!.join() }];
  });
}

describe('ClipTokenizer', () => {
  it('gives the ids that transformers gives with a small vocabulary of ours', () => {
    expect(differences(ClipTokenizer.load(fixturePath('tokenizer')), small)).toEqual([]);
  });

  it.runIf(OPENAI)(
    "gives the ids that transformers gives with OpenAI's vocabulary (needs ../shared/data/weights)",
    () => {
      const vocabulary = openAiVocabulary(gunzipSync(readFileSync(OPENAI!)).toString());
      expect(vocabulary.ids.size).toBe(49408);
      const tokenizer = new ClipTokenizer(vocabulary);
      expect(tokenizer.tokens('a photo of a cat')).toEqual([49406, 320, 1125, 539, 320, 2368, 49407]);
      expect(differences(tokenizer, openai)).toEqual([]);
    },
  );

  it('reads the folder that it wrote', () => {
    const folder = temporaryFolder();
    const tokenizer = new ClipTokenizer({ ...trainBpe(['the cat sat'], 520), maxLength: 9, padToken: '!' });
    tokenizer.save(folder);
    const read = ClipTokenizer.load(folder);
    expect(read).toEqual(tokenizer);
    expect(read.maxLength).toBe(9);
    expect(read.encode('the cat').slice(-1)).toEqual([0]);
  });

  it('cuts long texts, keeps the end token and pads short ones', () => {
    const tokenizer = new ClipTokenizer({ ...trainBpe([], 514), maxLength: 5 });
    expect(tokenizer.encode('abcdefg')).toHaveLength(5);
    expect(tokenizer.encode('abcdefg').at(-1)).toBe(tokenizer.end);
    expect(tokenizer.encode('a')).toEqual([512, 64 + 256, 513, 513, 513]);
  });

  it('gives a text back from its ids, in lower case', () => {
    const tokenizer = ClipTokenizer.load(fixturePath('tokenizer'));
    expect(tokenizer.decode(tokenizer.encode('An  Image of Köln 👍'))).toBe('an image of köln 👍');
  });

  it('refuses a vocabulary without start and end', () => {
    expect(() => new ClipTokenizer({ ids: new Map(), merges: [] })).toThrow("the token '<|startoftext|>'");
    expect(() => new ClipTokenizer({ ...trainBpe([], 514), maxLength: 1 })).toThrow("Expected 'maxLength'");
  });
});

describe('trainBpe', () => {
  it('merges the most frequent pair first, and stops when no pair is left', () => {
    const { merges, ids } = trainBpe(['aab aab ab'], 600);
    expect(merges).toEqual([
      ['a', 'b</w>'],
      ['a', 'ab</w>'],
    ]);
    expect(ids.get('aab</w>')).toBe(513);
    expect(ids.size).toBe(516);
  });

  it('makes a vocabulary of the size it is asked for, whatever the order of the texts', () => {
    const texts = ['an image of a teapot', 'an image of a kettle', 'the same image'];
    expect(trainBpe(texts, 524)).toEqual(trainBpe(texts.toReversed(), 524));
    expect(trainBpe(texts, 524).ids.size).toBe(524);
    expect(() => trainBpe(texts, 513)).toThrow('at least 514');
  });
});
