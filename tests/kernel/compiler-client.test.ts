import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CompilerClient } from '../../src/kernel/compiler/client';
import { Executions, type ExecutionContext } from '../../src/kernel/executions';
import type { Json, Message } from '../../src/kernel/protocol/message';
import { temporaryFolder } from '../helpers/temporary';

/** A compiler whose thread ends at the question 'end', and answers every other. */
function mortalCompiler(): CompilerClient {
  const programs = temporaryFolder();
  mkdirSync(join(programs, 'compiler'));
  writeFileSync(
    join(programs, 'compiler', 'worker.mjs'),
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ id, args: [source] }) => {
       if (source === 'end') throw new Error('out of memory');
       setTimeout(() => parentPort.postMessage({ id, value: source }), 300);
     });`,
  );
  return new CompilerClient({ programs, folder: programs, root: programs, language: 'typescript' }, () => undefined);
}

it('a compiler thread that ended takes no question of the next one with it', async () => {
  const compiler = mortalCompiler();
  await expect(compiler.ask('isComplete', 'end')).rejects.toThrow('out of memory');
  expect(await compiler.ask('isComplete', 'after')).toBe('after');
});

it('a compiler that ends after a cell ran fails neither the cell nor the kernel', async () => {
  const replies: Json[] = [];
  const ask = async (method: string) => {
    if (method === 'commit') throw new Error('The compiler thread ended with code 1; it starts again.');
    return { ok: true, warnings: [], cell: { javascript: '', map: '' } };
  };
  const executions: Executions = new Executions({
    language: 'typescript',
    compiler: { ask } as unknown as CompilerClient,
    cells: async () => ({ tell: ({ run }: { run: number }) => executions.done({ type: 'done', run }) }) as never,
    status: () => undefined,
    publish: () => undefined,
    reply: (_parent: Message, content: Json) => replies.push(content),
    drain: async () => undefined,
    page: async () => undefined,
    remember: () => undefined,
  } satisfies ExecutionContext);
  executions.push({ header: {}, content: { code: '1' } } as unknown as Message);
  while (replies.length === 0) await new Promise((done) => setTimeout(done, 10));
  expect(replies[0]).toMatchObject({ status: 'ok' });
});
