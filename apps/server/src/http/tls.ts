import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  /** PEM: the server's certificate, then the intermediate ones. */
  readonly certificateFile: string;
  /** PEM. */
  readonly keyFile: string;
}

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: 'TLSv1.2';
}

interface Watched {
  readonly setSecureContext: (material: TlsMaterial) => void;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`TLS: ${file} cannot be read: ${reason(error)}`);
  }
};

/**
 * Reads certificate and key, and checks that they belong together.
 *
 * @throws Error with a sentence for the operator.
 */
export const readTls = ({ certificateFile, keyFile }: TlsFiles): TlsMaterial => {
  const material: TlsMaterial = { cert: read(certificateFile), key: read(keyFile), minVersion: 'TLSv1.2' };
  try {
    createSecureContext(material);
    new X509Certificate(material.cert);
  } catch (error) {
    throw new Error(`TLS: ${certificateFile} and ${keyFile} are not a certificate and its key: ${reason(error)}`);
  }
  return material;
};

/** When the certificate ends, milliseconds since 1970. */
export const certificateEnd = ({ certificateFile }: TlsFiles): number =>
  new X509Certificate(read(certificateFile)).validToDate.getTime();

// What is mounted into containers is changed by turning a link to another folder: a file watcher would not hear of it.
const stamp = ({ certificateFile, keyFile }: TlsFiles): string => {
  try {
    return [certificateFile, keyFile]
      .map((file) => {
        const { ino, size, mtimeMs } = statSync(file);
        return `${ino} ${size} ${mtimeMs}`;
      })
      .join();
  } catch {
    return 'missing';
  }
};

/**
 * Takes up the files whenever they change; connections that are open stay. Files that do not fit (one of the two is written before the
 * other) change nothing until they do.
 */
export const followTls = (
  server: Watched,
  files: TlsFiles,
  needs: { readonly info: (text: string) => void; readonly error: (text: string) => void; readonly milliseconds: number },
): { readonly stop: () => void } => {
  let known = stamp(files);
  const timer = setInterval(() => {
    const now = stamp(files);
    if (now === known) return;
    known = now;
    try {
      server.setSecureContext(readTls(files));
      needs.info(`TLS: the certificate was renewed; it is good until ${new Date(certificateEnd(files)).toISOString()}`);
    } catch (error) {
      needs.error(`${reason(error)}; the old certificate stays in use`);
    }
  }, needs.milliseconds).unref();
  return { stop: () => clearInterval(timer) };
};
