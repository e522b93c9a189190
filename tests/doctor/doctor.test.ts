import { describe, expect, it } from 'vitest';
import { doctor, expectedSpeed, type Facts, type Finding, findings, machine, measureSpeed } from '../../src/doctor';

const cpuinfo = (vendor: string, flags: string, siblings = 2, cores = 2) =>
  `processor\t: 0\nvendor_id\t: ${vendor}\nmodel name\t: A processor\ncpu MHz\t\t: 2500.000\n` +
  `siblings\t: ${siblings}\ncpu cores\t: ${cores}\nflags\t\t: fpu sse ${flags}\n`;
const x64 = { cpuMax: '', threads: 2, architecture: 'x64' };

describe('machine', () => {
  it('reads cores, clock and vectors, and multiplies them', () => {
    const zen5 = machine({ ...x64, cpuinfo: cpuinfo('AuthenticAMD', 'avx avx2 fma avx512f avx512_vp2intersect') });
    expect(zen5).toMatchObject({ cores: 2, gigahertz: 2.5, vectors: 'AVX-512', operationsPerCycle: 64 });
    expect(expectedSpeed(zen5)).toBe(320);
  });

  it('knows that Zen 4 runs AVX-512 on half-width units', () => {
    const zen4 = machine({ ...x64, cpuinfo: cpuinfo('AuthenticAMD', 'avx avx2 fma avx512f') });
    expect(zen4.operationsPerCycle).toBe(32);
    expect(machine({ ...x64, cpuinfo: cpuinfo('GenuineIntel', 'avx512f') }).operationsPerCycle).toBe(64);
    expect(machine({ ...x64, cpuinfo: cpuinfo('GenuineIntel', 'avx avx2 fma') }).vectors).toBe('AVX2 and FMA');
  });

  it('counts cores, not their threads, and no more than a container may use', () => {
    const info = cpuinfo('GenuineIntel', 'avx avx2 fma', 16, 8);
    expect(machine({ ...x64, threads: 16, cpuinfo: info }).cores).toBe(8);
    expect(machine({ ...x64, threads: 16, cpuinfo: info, cpuMax: '150000 100000\n' }).cores).toBe(1.5);
    expect(machine({ ...x64, threads: 16, cpuinfo: info, cpuMax: 'max 100000\n' }).cores).toBe(8);
  });

  it('says nothing of a clock that the system does not tell', () => {
    expect(expectedSpeed({ ...machine({ ...x64, cpuinfo: '' }), gigahertz: undefined })).toBeUndefined();
  });
});

describe('measureSpeed', () => {
  it('gives positive speeds of both operations', () => {
    const speeds = measureSpeed({ milliseconds: 1 });
    expect(speeds.map(({ name }) => name)).toEqual(['matrix product', 'convolution']);
    for (const { gigaflops } of speeds) expect(gigaflops).toBeGreaterThan(0.1);
  });
});

describe('findings', () => {
  const well: Facts = {
    device: {
      kind: 'CPU',
      device: 'A processor',
      cores: 2,
      threads: 2,
      tensorflow: '2.21.0',
      tfjs: '4.22.0',
      kernels: 1,
      node: '20.19.0',
      platform: 'linux x64',
    },
    origin: 'tensorflow-cpu 2.21.0 from PyPI',
    wanted: 'cpu',
    speeds: [{ name: 'matrix product', gigaflops: 300 }],
    expected: 320,
    cores: 2,
    load: 0.1,
    memory: { total: 16e9, available: 8e9 },
    disk: 50e9,
  };
  const of = (change: Partial<Facts>) => findings({ ...well, ...change });

  it('finds nothing where all is well', () => {
    expect(findings(well)).toEqual([]);
  });

  it('tells a busy machine from a slow one', () => {
    const slow = { speeds: [{ name: 'convolution', gigaflops: 32 }] };
    expect(of({ ...slow, load: 3 })[0]).toMatchObject({
      what: 'The engine reaches 10 % of what the processor should give.',
      remedy: expect.stringContaining('load 3.0 on 2 cores'),
    });
    expect(of(slow)[0]?.remedy).toContain('TF_ENABLE_ONEDNN_OPTS');
  });

  it('finds a GPU that is not used, an old engine, too many threads, and no room', () => {
    expect(of({ wanted: 'gpu' })[0]?.what).toContain('computes on the processor');
    expect(of({ origin: 'prebuilt by tfjs-node (TensorFlow 2.9)' })[0]?.remedy).toContain('apt-get install g++');
    expect(of({ device: { ...well.device, threads: 64 } })[0]?.remedy).toBe('Set STILLHOUSE_THREADS=2.');
    expect(of({ memory: { total: 4e9, available: 1e9 }, disk: 1e9 })).toHaveLength(2);
  });
});

describe('doctor', () => {
  /** The report with these problems: its lines, what was looked at, the exit code. */
  async function report(problems: Finding[]) {
    const lines: string[] = [];
    let seen: Facts | undefined;
    const find = (facts: Facts) => {
      seen = facts;
      return problems;
    };
    const code = await doctor({ say: (line) => lines.push(line), find });
    return { lines, seen: seen!, code };
  }

  it('ends well when nothing is wrong, and says what is here', async () => {
    const { lines, seen, code } = await report([]);
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe('\nNothing is wrong.');
    for (const name of [
      'stillhouse',
      'Node',
      'Python',
      'TensorFlow',
      'compiler',
      'device',
      'threads',
      'memory',
      'disk',
    ])
      expect(lines.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
    expect(seen.speeds).toHaveLength(2);
    expect(seen.disk).toBeGreaterThan(0);
  });

  it('ends with 1 when something is wrong, each problem with its remedy', async () => {
    const { lines, code } = await report([
      { what: 'It is slow.', remedy: 'Wait.' },
      { what: 'It is full.', remedy: 'Pour.' },
    ]);
    expect(code).toBe(1);
    expect(lines.slice(-3)).toEqual(['\n2 problems:', '  It is slow.\n    → Wait.', '  It is full.\n    → Pour.']);
  });
});
