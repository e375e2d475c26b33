import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as open, type ServerResponse } from 'node:http';

export interface Message {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
export interface Asked extends Message {
  readonly method: string;
  readonly path: string;
}
export interface Answered extends Message {
  readonly status: number;
}
export interface Exchange {
  readonly asked: Asked;
  readonly answered: Answered;
}

/** What somebody in the middle does: answer by himself, or change what comes back. */
export interface Tampering {
  readonly instead?: (asked: Asked) => Answered | undefined;
  readonly answer?: (asked: Asked, answered: Answered) => Answered;
}

/** An HTTP server of 127.0.0.1 that passes everything on, writes everything down, and can be made to lie. */
export interface Relay {
  readonly origin: string;
  readonly port: number;
  /** All it saw since the last `begin`. */
  readonly exchanges: readonly Exchange[];
  /** A fresh sheet of paper, and from now on this tampering. */
  readonly begin: (tampering?: Tampering) => void;
  readonly passOnTo: (port: number) => void;
  readonly stop: () => Promise<void>;
}

const readBody = async (message: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

/** Framing is each connection's own. */
const withoutFraming = ({
  connection: _connection,
  'keep-alive': _keepAlive,
  'transfer-encoding': _transferEncoding,
  'content-length': _contentLength,
  ...headers
}: IncomingHttpHeaders): IncomingHttpHeaders => headers;

const pass = (port: number, { method, path, headers, body }: Asked): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const octets = Buffer.from(body);
    const request = open(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        agent: false,
        headers: { ...withoutFraming(headers), ...(octets.length === 0 ? {} : { 'content-length': octets.length }) },
      },
      (answer) => {
        readBody(answer).then(
          (text) => resolve({ status: answer.statusCode ?? 0, headers: withoutFraming(answer.headers), body: text }),
          reject,
        );
      },
    );
    request.on('error', reject);
    request.end(octets);
  });

/** Without anything to pass on to it answers 404 to everybody: a place that only listens. */
export const startRelay = async (): Promise<Relay> => {
  let target: number | undefined;
  let tampering: Tampering = {};
  let exchanges: Exchange[] = [];

  const answerTo = async (asked: Asked): Promise<Answered> => {
    const own = tampering.instead?.(asked);
    if (own !== undefined) return own;
    if (target === undefined) return { status: 404, headers: {}, body: '' };
    const answered = await pass(target, asked);
    return tampering.answer?.(asked, answered) ?? answered;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, headers, body: await readBody(request) };
    const answered = await answerTo(asked);
    exchanges.push({ asked, answered });
    response.writeHead(answered.status, answered.headers).end(answered.body);
  };

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new TypeError('a relay listens on a port');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    port: address.port,
    get exchanges() {
      return exchanges;
    },
    begin: (next = {}) => {
      exchanges = [];
      tampering = next;
    },
    passOnTo: (port) => {
      target = port;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
