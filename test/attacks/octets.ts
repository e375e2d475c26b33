/** UTF-8 as a careless sender writes it: an unpaired surrogate becomes three octets (saml-attacks, class 34). */
export function looseUtf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    [...text].map((character) => {
      const code = character.codePointAt(0) ?? 0;
      const alone = code >= 0xd800 && code <= 0xdfff;
      return alone
        ? Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
        : Buffer.from(character);
    }),
  );
}

/** The octets of a message where a `|` in `text` stands for `octets`. */
const at = (text: string, ...octets: number[]): Buffer => {
  const [before = '', after = ''] = text.split('|');
  return Buffer.concat([Buffer.from(before), Buffer.from(octets), Buffer.from(after)]);
};

const bigEndian = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** One message in encodings that two parsers may read differently. `name` is a text in it, with ASCII letters. */
export function encodingAttacks(xml: string, name: string): { readonly name: string; readonly octets: Buffer }[] {
  const inName = (what: string) => xml.replace(`>${name}<`, `>${what}<`);
  const split = `${name.slice(0, 2)}|${name.slice(2)}`;
  const first = name.charCodeAt(0);
  const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?>${xml}`;
  return [
    { name: 'bom', octets: Buffer.from(`\ufeff${xml}`) },
    { name: 'utf16le', octets: Buffer.from(declared('UTF-16LE'), 'utf16le') },
    { name: 'utf16le_bom', octets: Buffer.from(`\ufeff${declared('UTF-16')}`, 'utf16le') },
    { name: 'utf16be', octets: bigEndian(declared('UTF-16BE')) },
    { name: 'utf16be_bom', octets: bigEndian(`\ufeff${declared('UTF-16')}`) },
    { name: 'utf16_undeclared', octets: Buffer.from(xml, 'utf16le') },
    { name: 'utf7', octets: Buffer.from(declared('UTF-7').replace(`>${name}<`, `>${name}+ADw-!---+AD4-<`)) },
    { name: 'utf7_markup', octets: Buffer.from(declared('UTF-7').replaceAll('<saml:NameID', '+ADw-saml:NameID')) },
    { name: 'latin1', octets: at(inName(split).replace(/^/, '<?xml version="1.0" encoding="ISO-8859-1"?>'), 0xe9) },
    { name: 'overlong_letter', octets: at(inName(`|${name.slice(1)}`), 0xc0 | (first >> 6), 0x80 | (first & 0x3f)) },
    { name: 'overlong_less_than', octets: at(inName(split), 0xc0, 0xbc) },
    { name: 'overlong_slash', octets: at(inName(split), 0xe0, 0x80, 0xaf) },
    { name: 'overlong_nul', octets: at(inName(split), 0xc0, 0x80) },
    { name: 'cesu8: a pair of surrogates, three octets each', octets: at(inName(split), 0xed, 0xa0, 0xbd, 0xed, 0xb4, 0x91) },
    { name: 'surrogate_high', octets: at(inName(split), 0xed, 0xa0, 0x80) },
    { name: 'surrogate_low', octets: at(inName(split), 0xed, 0xbf, 0xbf) },
    { name: 'beyond_unicode', octets: at(inName(split), 0xf4, 0x90, 0x80, 0x80) },
    { name: 'octet_ff', octets: at(inName(split), 0xff) },
    { name: 'cut_sequence', octets: at(inName(split), 0xe2, 0x82) },
    { name: 'cut_at_end', octets: at(`${xml}|`, 0xc3) },
    { name: 'nul_octet', octets: at(inName(split), 0x00) },
    { name: 'nul_at_end', octets: at(`${xml}|`, 0x00) },
    { name: 'nul_before', octets: at(`|${xml}`, 0x00) },
  ].map((attack) => ({ ...attack, name: `class 34 ${attack.name}` }));
}
