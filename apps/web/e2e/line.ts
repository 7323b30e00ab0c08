// The line between a browser and the program, with the faults that lines have.
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `cut` answers nobody; `mute` keeps every connection open and lets nothing pass; `plain` refuses live sockets. */
export type LineState = 'open' | 'cut' | 'mute' | 'plain';

export class Line {
  readonly url: string;
  private readonly server: Server;
  private readonly ends = new Set<Socket>();
  private readonly answers = new Map<string, string>();
  private state: LineState = 'open';

  private constructor(server: Server, port: number) {
    this.server = server;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** A line to a server of this machine. */
  static async to(url: string): Promise<Line> {
    const { hostname, port } = new URL(url);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line = new Line(server, (server.address() as AddressInfo).port);
    server.on('connection', (near) => line.carry(near, Number(port), hostname));
    return line;
  }

  /** Those that are open already suffer it too. */
  set(state: LineState): void {
    this.state = state;
    for (const end of this.ends) {
      if (state === 'cut' || state === 'plain') end.destroy();
      else if (state === 'mute') end.pause();
      else end.resume();
    }
  }

  /** Answers for a script of the server, as a newer build would. */
  answer(path: string, script: string): void {
    this.answers.set(path, script);
  }

  async close(): Promise<void> {
    this.server.close();
    for (const end of this.ends) end.destroy();
    await once(this.server, 'close');
  }

  private carry(near: Socket, port: number, host: string): void {
    if (this.state === 'cut') {
      near.destroy();
      return;
    }
    const far = createConnection({ port, host });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.ends.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.ends.delete(one);
        other.destroy();
      });
      one.on('data', (part) => {
        if (this.state === 'mute') return;
        if (one === near && this.state === 'plain' && part.includes('Upgrade: websocket')) {
          near.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
          return;
        }
        const [, path = ''] = /^GET (\S+) /.exec(one === near ? part.toString('latin1', 0, 200) : '') ?? [];
        const script = this.answers.get(path);
        if (script === undefined) other.write(part);
        else near.end(response(script));
      });
      if (this.state === 'mute') one.pause();
    }
  }
}

function response(script: string): string {
  const head = [
    'HTTP/1.1 200 OK',
    'content-type: text/javascript',
    `content-length: ${Buffer.byteLength(script)}`,
    "content-security-policy: default-src 'none'; connect-src 'self'",
    'connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${script}`;
}
