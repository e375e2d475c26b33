import { escapeAttribute } from '../xml/write.ts';

/** ` Name="value"`, or nothing. Writers name attributes in canonical order (Canonical XML 1.0 §4.11: by name). */
export function attribute(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` ${name}="${escapeAttribute(value)}"`;
}

export function instant(name: string, value: Date | undefined): string {
  return value === undefined ? '' : ` ${name}="${value.toISOString()}"`;
}
