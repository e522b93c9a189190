/** The five sockets of a kernel. Sends are queued because zeromq.js refuses overlapping ones. */
import * as zmq from 'zeromq';
import { address, type Connection } from './connection';
import { MalformedMessage, type Message, type Outgoing, Wire } from './message';

/** A channel that carries requests. */
export type RequestChannel = 'shell' | 'control' | 'stdin';

export type Handler = (channel: RequestChannel, message: Message) => void;

type Frames = (Buffer | string | Uint8Array)[];

/** Sends frames in order, each after the socket has accepted the one before. */
class SendQueue {
  private waiting: Frames[] = [];
  private sending: Promise<void> | undefined;

  constructor(private readonly socket: { send(frames: Frames): Promise<void> }) {}

  push(frames: Frames): void {
    this.waiting.push(frames);
    this.sending ??= this.drain();
  }

  /** Resolves once everything pushed so far has been handed to zeromq. */
  async flush(): Promise<void> {
    await this.sending;
  }

  private async drain(): Promise<void> {
    try {
      for (let frames = this.waiting.shift(); frames; frames = this.waiting.shift()) await this.socket.send(frames);
    } catch {
      this.waiting = []; // The socket is closed: the kernel is going down.
    } finally {
      this.sending = undefined;
    }
  }
}

export class Channels {
  private readonly requests: Record<RequestChannel, zmq.Router>;
  private readonly iopub = new zmq.XPublisher({ sendHighWaterMark: 0, linger: 1000 });
  private readonly heartbeat = new zmq.Reply({ linger: 0 });
  private readonly queues: Record<RequestChannel | 'iopub', SendQueue>;
  private readonly wire: Wire;
  /** Number of messages dropped because they were malformed or not signed with the key. */
  dropped = 0;

  constructor(private readonly connection: Connection) {
    const router = () => new zmq.Router({ sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 1000 });
    this.requests = { shell: router(), control: router(), stdin: router() };
    this.queues = {
      shell: new SendQueue(this.requests.shell),
      control: new SendQueue(this.requests.control),
      stdin: new SendQueue(this.requests.stdin),
      iopub: new SendQueue(this.iopub),
    };
    this.wire = new Wire(connection.key);
  }

  /** Binds every socket, then passes each valid message to `handler`; invalid ones are dropped and counted. */
  async open(handler: Handler): Promise<void> {
    const { requests, connection } = this;
    await Promise.all([
      this.heartbeat.bind(address(connection, 'hb')),
      this.iopub.bind(address(connection, 'iopub')),
      ...(['shell', 'control', 'stdin'] as const).map((name) => requests[name].bind(address(connection, name))),
    ]);
    void this.echo();
    void this.welcome();
    for (const name of ['shell', 'control', 'stdin'] as const) void this.listen(name, handler);
  }

  /** Queues a message on a request channel (a reply) or on iopub (a broadcast). */
  send(channel: RequestChannel | 'iopub', message: Outgoing): void {
    this.queues[channel].push(this.wire.write(message));
  }

  /** Waits for the queues to empty and closes. */
  async close(): Promise<void> {
    await Promise.all(Object.values(this.queues).map((queue) => queue.flush()));
    for (const socket of [...Object.values(this.requests), this.iopub, this.heartbeat]) socket.close();
  }

  private async listen(name: RequestChannel, handler: Handler): Promise<void> {
    for await (const frames of this.requests[name]) {
      try {
        handler(name, this.wire.read(frames));
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error;
        this.drop(error.message);
      }
    }
  }

  /** Counts a dropped message, and logs the first, the tenth, the hundredth … */
  private drop(reason: string): void {
    this.dropped++;
    if (!/^10*$/.test(String(this.dropped))) return;
    process.stderr.write(`stillhouse kernel: ${this.dropped} dropped message(s) so far; the last: ${reason}\n`);
  }

  private async echo(): Promise<void> {
    for await (const frames of this.heartbeat) await this.heartbeat.send(frames);
  }

  /** Sends each new subscriber of iopub a welcome (JEP 65), so that a client knows from when on it misses nothing. */
  private async welcome(): Promise<void> {
    for await (const [frame] of this.iopub) {
      if (frame?.[0] !== 1) continue;
      const topic = frame.subarray(1).toString('utf8');
      this.send('iopub', { identities: [topic], type: 'iopub_welcome', content: { subscription: topic } });
    }
  }
}
