/**
 * A real Slurm of four nodes on this machine, for as long as a test: controller and node daemons of our own, on our own
 * ports and in a folder of our own. Needs root and Debian's packages: `apt-get install slurm-wlm munge`.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Lab {
  /** SIGKILLs a node's daemon and everything that runs under it. */
  killNode(name: string): void;
  startNode(name: string): void;
  killController(): void;
  startController(): void;
  /** Takes nodes back into service that a restarted controller drained since they still ran a job it had forgotten. */
  resumeDrained(): void;
  /** Waits until `sinfo` shows so many idle or working nodes. */
  untilUp(nodes: number): Promise<void>;
  /** The end of the controller's log. */
  log(): string;
  close(): Promise<void>;
}

/** Why no Slurm can be set up here; undefined where it can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'Slurm’s daemons want to be started as root';
  const missing = ['slurmctld', 'slurmd', 'munged', 'sbatch'].find((name) => spawnSync('which', [name]).status !== 0);
  return missing ? `${missing} is not installed (apt-get install slurm-wlm munge)` : undefined;
}

export async function startLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), 'stillhouse-slurm-'));
  const port = 20_000 + (process.pid % 20_000);
  const nodes = ['n1', 'n2', 'n3', 'n4'];
  for (const name of ['state', 'run', 'log', ...nodes.map((node) => `spool-${node}`)]) mkdirSync(join(folder, name));
  const conf = join(folder, 'slurm.conf');
  const munge = await startMunge(folder);
  writeFileSync(conf, configuration(folder, port, munge.socket));
  const before = process.env.SLURM_CONF;
  process.env.SLURM_CONF = conf;

  const daemons = new Map<string, ChildProcess>();
  const start = (name: string, command: string, args: string[]) => {
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.on('error', () => undefined);
    daemons.set(name, child);
  };
  // In the foreground (-D), so that they're our children, to end by their id.
  const startController = () => start('controller', 'slurmctld', ['-D', '-i']);
  const startNode = (name: string) => start(name, 'slurmd', ['-D', '-N', name]);
  const killTree = (pid: number | undefined) => {
    if (pid === undefined) return;
    for (const child of childrenOf(pid)) killTree(child);
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  const lab: Lab = {
    startController,
    startNode,
    killNode(name) {
      killTree(daemons.get(name)?.pid);
      // Its step daemons have left its process group and been adopted; they name their node.
      for (const pid of stepsOf(join(folder, `spool-${name}`), name)) killTree(pid);
    },
    killController: () => killTree(daemons.get('controller')?.pid),
    resumeDrained() {
      const { stdout = '' } = spawnSync('sinfo', ['-h', '-N', '-o', '%N %T'], { encoding: 'utf8' });
      for (const [, name] of stdout.matchAll(/^(\w+) drain/gm)) {
        spawnSync('scontrol', ['update', `NodeName=${name}`, 'State=RESUME']);
      }
    },
    async untilUp(count) {
      for (let tries = 0; tries < 600; tries++) {
        const { stdout = '' } = spawnSync('sinfo', ['-h', '-N', '-o', '%T'], { encoding: 'utf8' });
        if ((stdout.match(/^(idle|mixed|allocated)$/gm) ?? []).length >= count) return;
        await new Promise((done) => setTimeout(done, 100));
      }
      const log = existsSync(join(folder, 'log/slurmctld.log'))
        ? readFileSync(join(folder, 'log/slurmctld.log'), 'utf8')
        : '';
      throw new Error(`Expected ${count} Slurm nodes within a minute. The controller's log ends:\n${log.slice(-2000)}`);
    },
    log: () => readFileSync(join(folder, 'log/slurmctld.log'), 'utf8').slice(-20_000),
    async close() {
      spawnSync('scancel', ['--quiet', '--user=root']);
      for (const node of nodes) lab.killNode(node);
      lab.killController();
      munge.stop();
      if (before === undefined) delete process.env.SLURM_CONF;
      else process.env.SLURM_CONF = before;
      await new Promise((done) => setTimeout(done, 200));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  startController();
  for (const node of nodes) startNode(node);
  await lab.untilUp(4).catch(async (error) => {
    await lab.close();
    throw error;
  });
  return lab;
}

/** A munge of our own, with the key that its package made. */
async function startMunge(folder: string): Promise<{ socket: string; stop(): void }> {
  const user = readFileSync('/etc/passwd', 'utf8').match(/^munge:[^:]*:(\d+):(\d+):/m);
  const [uid = 0, gid = 0] = (user ?? []).slice(1).map(Number);
  const own = join(folder, 'munge');
  mkdirSync(own);
  chmodSync(folder, 0o755);
  const key = join(own, 'munge.key');
  writeFileSync(key, Buffer.alloc(128, 7), { mode: 0o600 });
  const socket = join(own, 'munge.socket');
  for (const path of [own, key]) chownSync(path, uid, gid);
  chmodSync(own, 0o755);
  const files = ['pid', 'log', 'seed'].map(
    (name) => `--${name === 'seed' ? 'seed-file' : `${name}-file`}=${join(own, name)}`,
  );
  const child = spawn('munged', ['--foreground', `--socket=${socket}`, `--key-file=${key}`, ...files], {
    uid,
    gid,
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 50 && !existsSync(socket); tries++) await new Promise((done) => setTimeout(done, 100));
  if (!existsSync(socket)) throw new Error('munged did not start');
  return { socket, stop: () => void child.kill('SIGKILL') };
}

function configuration(folder: string, port: number, munge: string): string {
  return `ClusterName=stillhouse
SlurmctldHost=localhost
SlurmctldPort=${port}
AuthType=auth/munge
AuthInfo=socket=${munge}
CryptoType=crypto/munge
CredType=cred/munge
MpiDefault=none
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${folder}/state
SlurmctldPidFile=${folder}/run/slurmctld.pid
SlurmdPidFile=${folder}/run/slurmd-%n.pid
SlurmdSpoolDir=${folder}/spool-%n
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=1
ReturnToService=2
SlurmdTimeout=5
KillWait=5
JobRequeue=1
MinJobAge=300
MaxArraySize=1001
SlurmdParameters=config_overrides
NodeName=n[1-4] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[${port + 1}-${port + 4}] CPUs=2 RealMemory=8000 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=n[1-4] Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=n[1-4] MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
`;
}

function childrenOf(pid: number): number[] {
  return spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean)
    .map(Number);
}

/** Step daemons of a node: processes named slurmstepd that have its spool folder open or in their environment. */
function stepsOf(spool: string, node: string): number[] {
  const found = spawnSync('pgrep', ['slurmstepd'], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean).map(Number);
  return found.filter((pid) => {
    const { stdout } = spawnSync('ls', ['-l', `/proc/${pid}/fd`, `/proc/${pid}/cwd`], { encoding: 'utf8' });
    return stdout.includes(spool) || stdout.includes(`slurmd-${node}.log`);
  });
}
