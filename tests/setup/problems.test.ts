import { describe, expect, it } from 'vitest';
import { reasonOf } from '../../src/setup/binding.mjs';
import { wantedDevice } from '../../src/setup/device.mjs';
import { checkNode } from '../../src/setup/node-version.mjs';
import { fetched } from '../../src/setup/packages.mjs';
import { fileProblem, programProblem, SetupProblem } from '../../src/setup/problem.mjs';
import { findPython, packageState } from '../../src/setup/python.mjs';
import { runCommand } from '../../src/setup/run-command.mjs';

describe('programProblem names the cause and what mends it', () => {
  const cases: [what: string, output: string, remedy: RegExp][] = [
    ['a full disk', 'OSError: [Errno 28] No space left on device', /XDG_CACHE_HOME/],
    ['a full disk (npm)', 'npm error code ENOSPC', /Free 3 GB/],
    [
      'no venv',
      'The virtual environment was not created successfully because ensurepip is not available.',
      /python3-venv/,
    ],
    ['no network (npm)', 'npm error code EAI_AGAIN\nnpm error request failed', /npm ping/],
    ['no network (pip)', 'Failed to establish a new connection: [Errno -3]', /HTTPS_PROXY/],
    ['a proxy’s certificate', 'SSLError(SSLCertVerificationError(1, "certificate verify failed"))', /PIP_CERT/],
    ['no right to write', "npm error Error: EACCES: permission denied, mkdir '/x'", /write access/],
    ['an index without the package', 'ERROR: No matching distribution found for nbclient==0.11.0', /pip config list/],
    [
      'a changed package.json',
      'npm error `npm ci` can only install packages when your package.json and',
      /git checkout/,
    ],
  ];
  it.each(cases)('%s', (_, output, remedy) => {
    const problem = programProblem('Jupyter packages', 'exit 1', output);
    expect(problem.remedy).toMatch(remedy);
    expect(problem.message).toContain(output.split('\n')[0]);
  });

  it('shows the end of the output without the lines of progress', () => {
    const output = ['first', ...Array.from({ length: 30 }, (_, i) => `npm http fetch GET 200 ${i}`), 'the reason'];
    const { message } = programProblem('npm packages', 'exit 1', output.join('\n'), 'Do this.');
    expect(message).toBe('npm packages failed (exit 1). \n    first\n    the reason\n  → Do this.');
  });

  it('says of a killed program that memory may have been short', () => {
    expect(programProblem('Compiling', 'SIGKILL', 'collect2').message).toContain('lack of memory');
  });
});

describe('fileProblem', () => {
  it('names the folder and passes on what it does not know', () => {
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
    expect(fileProblem(full, '/cache')).toMatchObject({ what: '/cache: The disk is full. (ENOSPC)', cause: full });
    const other = new TypeError('x');
    expect(fileProblem(other, '/cache')).toBe(other);
  });
});

describe('runCommand', () => {
  it('gives what the program wrote', async () => {
    expect(await runCommand('A program', process.execPath, ['-e', 'console.log(6 * 7)'])).toBe('42\n');
  });

  it('says which program could not be started', async () => {
    await expect(runCommand('Compiling', '/nowhere/g++', [])).rejects.toThrow(
      /'\/nowhere\/g\+\+' could not be started/,
    );
  });

  it('fails with the end of the output', async () => {
    const script = 'console.error("disk quota exceeded"); process.exit(3)';
    const failure = runCommand('Unpacking', process.execPath, ['-e', script]);
    await expect(failure).rejects.toThrow(/Unpacking failed \(exit 3\)\. The disk is full\.\n {4}disk quota exceeded/);
  });
});

describe('what the set-up needs', () => {
  it('is Node 20.19 or newer', () => {
    expect(() => checkNode('20.18.3', 'linux')).toThrow('Node 20.18.3 is too old; 20.19 or newer is needed.');
    expect(() => checkNode('18.20.0', 'linux')).toThrow(SetupProblem);
    for (const version of ['20.19.0', '22.3.0', '24.0.1']) expect(() => checkNode(version, 'linux')).not.toThrow();
    expect(() => checkNode('22.3.0', 'win32')).toThrow(/wsl --install/);
  });

  it('is Python 3.10 or newer, the first that is found', () => {
    const there: Record<string, number> = { python3: 309, 'python3.12': 312, 'python3.11': 311 };
    expect(findPython(undefined, (program) => there[program] ?? 0)).toBe('python3.12');
  });

  it('is named with what is there when there is none', () => {
    expect(() => findPython(undefined, (program) => (program === 'python3' ? 308 : 0))).toThrow(
      /python3 is 3\.8, python3\.13: not there.*\n {2}→ .*apt-get install python3 python3-venv/,
    );
    expect(() => findPython('/opt/py/bin/python', () => 0)).toThrow('/opt/py/bin/python: not there');
  });

  it('is a device of two', () => {
    expect(wantedDevice('gpu')).toBe('gpu');
    expect(() => wantedDevice('tpu')).toThrow("STILLHOUSE_DEVICE is 'tpu'.");
  });
});

describe('progress', () => {
  it('counts each npm package once', () => {
    const seen = new Set<string>();
    const line = 'npm http fetch GET 200 scheme:host/zod/-/zod-4.6.7.tgz 212ms (cache miss)';
    expect(fetched(line, seen, 384)).toBe('1 of 384 at most');
    expect(fetched(line, seen, 384)).toBe('1 of 384 at most');
    expect(fetched(line.replaceAll('zod', 'vega'), seen, 384)).toBe('2 of 384 at most');
    expect(fetched('npm warn deprecated rimraf@2', seen, 384)).toBeUndefined();
  });

  it('names the package that pip is at', () => {
    expect(packageState('Collecting jupyter-core==5.9.1 (from jupyter_client)')).toBe('jupyter-core');
    expect(packageState('  Downloading nbclient-0.11.0-py3-none-any.whl (30 kB)')).toBe('nbclient');
    expect(packageState('Installing collected packages: a, b')).toBe('installing');
    expect(packageState('  WARNING: something')).toBeUndefined();
  });
});

describe('reasonOf', () => {
  it('knows why an engine does not load', () => {
    expect(reasonOf('Checking the engine failed (SIGILL).')[0]).toContain('AVX');
    expect(reasonOf("version `GLIBC_2.27' not found")[1]).toContain('Debian 11');
    expect(reasonOf('libtensorflow_cc.so.2: cannot open shared object file')[1]).toContain('npm run setup');
  });
});
