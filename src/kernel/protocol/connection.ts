/** Jupyter's connection file: addresses and the key of one kernel. */
import { chmodSync, readFileSync, statSync } from 'node:fs';

/** Where a kernel listens. */
export interface Connection {
  transport: 'tcp' | 'ipc';
  ip: string;
  shell_port: number;
  control_port: number;
  stdin_port: number;
  iopub_port: number;
  hb_port: number;
  key: string;
}

type Channel = 'shell' | 'control' | 'stdin' | 'iopub' | 'hb';

/**
 * Reads a connection file. A file that others can read is made private first, because it holds the key.
 * @throws Error if a field is missing, the signature scheme is unknown, or the address isn't a loopback one and
 *   STILLHOUSE_ALLOW_REMOTE is not set.
 */
export function readConnection(file: string, environment: NodeJS.ProcessEnv = process.env): Connection {
  const stat = statSync(file);
  if ((stat.mode & 0o077) !== 0 && stat.uid === process.getuid?.()) chmodSync(file, stat.mode & 0o700);
  const fields = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const port = (name: Channel): number => {
    const value = fields[`${name}_port`];
    if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
    throw new Error(`Expected \`${name}_port\` of ${file} to be a port number, found ${JSON.stringify(value)}.`);
  };
  const scheme = fields.signature_scheme ?? 'hmac-sha256';
  if (scheme !== 'hmac-sha256') {
    throw new Error(`Expected \`signature_scheme\` to be hmac-sha256, found ${JSON.stringify(scheme)}.`);
  }
  const transport = fields.transport ?? 'tcp';
  if (transport !== 'tcp' && transport !== 'ipc') {
    throw new Error(`Expected \`transport\` to be tcp or ipc, found ${JSON.stringify(transport)}.`);
  }
  const ip = String(fields.ip ?? '127.0.0.1');
  if (transport === 'tcp' && !isLoopback(ip) && environment.STILLHOUSE_ALLOW_REMOTE !== '1') {
    throw new Error(
      `Expected \`ip\` of ${file} to be a loopback address, found ${ip}: anyone who reaches it could run code here. ` +
        'Set STILLHOUSE_ALLOW_REMOTE=1 to listen there anyway.',
    );
  }
  return {
    transport,
    ip,
    shell_port: port('shell'),
    control_port: port('control'),
    stdin_port: port('stdin'),
    iopub_port: port('iopub'),
    hb_port: port('hb'),
    key: String(fields.key ?? ''),
  };
}

/** The address of a channel: 'tcp://127.0.0.1:5555' or 'ipc://path-5555'. */
export function address(connection: Connection, channel: Channel): string {
  const port = connection[`${channel}_port`];
  if (connection.transport === 'ipc') return `ipc://${connection.ip}-${port}`;
  return `tcp://${connection.ip.includes(':') ? `[${connection.ip}]` : connection.ip}:${port}`;
}

function isLoopback(ip: string): boolean {
  return ip === 'localhost' || ip === '::1' || /^127\.\d+\.\d+\.\d+$/.test(ip);
}
