import { createSocket } from 'node:dgram';

/** What a name is answered with: TXT records, no such name or a failing server. */
export type TestRecord = readonly string[] | 'nxdomain' | 'servfail';

/** A name server for TXT records on loopback (RFC 1035 §4). */
export interface TestNameServer {
  /** As the resolver wants it: `127.0.0.1:5353`. */
  readonly address: string;
  /** Names that are not here do not exist. */
  readonly records: Map<string, TestRecord>;
  /** The names that were asked for. */
  readonly asked: string[];
  readonly close: () => Promise<void>;
}

const responseCodes = { nxdomain: 3, servfail: 2 } as const;

/** The question's name, and where the question ends. */
const readQuestion = (message: Buffer): { readonly name: string; readonly end: number } => {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5 };
};

/** RFC 1035 §3.3.14: character strings of 255 octets at most. */
const txtData = (text: string): Buffer => {
  const octets = Buffer.from(text);
  const strings: Buffer[] = [];
  for (let at = 0; at < octets.length; at += 255) {
    const part = octets.subarray(at, at + 255);
    strings.push(Buffer.from([part.length]), part);
  }
  return Buffer.concat(strings);
};

const answerTo = (message: Buffer, records: ReadonlyMap<string, TestRecord>, asked: string[]): Buffer => {
  const { name, end } = readQuestion(message);
  asked.push(name);
  const found = records.get(name) ?? 'nxdomain';
  const texts = typeof found === 'string' ? [] : found;
  const header = Buffer.alloc(12);
  message.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | (typeof found === 'string' ? responseCodes[found] : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(texts.length, 6);
  const answers = texts.map((text) => {
    const data = txtData(text);
    const start = Buffer.alloc(12);
    start.writeUInt16BE(0xc00c, 0); // the question's name
    start.writeUInt16BE(16, 2); // TXT
    start.writeUInt16BE(1, 4); // IN
    start.writeUInt32BE(60, 6);
    start.writeUInt16BE(data.length, 10);
    return Buffer.concat([start, data]);
  });
  return Buffer.concat([header, message.subarray(12, end), ...answers]);
};

export const startNameServer = async (): Promise<TestNameServer> => {
  const socket = createSocket('udp4');
  const records = new Map<string, TestRecord>();
  const asked: string[] = [];
  socket.on('message', (message, from) => socket.send(answerTo(message, records, asked), from.port, from.address));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
};
