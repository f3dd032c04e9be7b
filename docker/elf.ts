// What kind of program a file is, as far as it matters for what can be slipped under it: libfaketime is loaded by the
// dynamic linker and answers in the C library's place, so a program without the one or the other never sees it. Pure but
// for the reader it is given; nothing that a file holds makes it throw.

/** Gives fewer bytes where the file ends before. */
export type ReadBytes = (offset: number, length: number) => Promise<Uint8Array>;

export type ProgramFile =
  /** Started by this dynamic linker, C library and all. */
  | { readonly kind: 'dynamic'; readonly linker: string }
  | { readonly kind: 'static' }
  | { readonly kind: 'go' }
  /** `words`: the interpreter, and what follows it in the first line. */
  | { readonly kind: 'script'; readonly words: readonly string[] }
  /** None of these, or damaged. */
  | { readonly kind: 'unknown' };

/** As much of a file as its kind is usually seen from. */
const headBytes = 4096;
/** More than any sensible file has: what claims more is damaged. */
const mostEntries = 4096;
const mostNameBytes = 1024 * 1024;
const mostNoteBytes = 64 * 1024;

const unknown: ProgramFile = { kind: 'unknown' };

export async function programFile(read: ReadBytes): Promise<ProgramFile> {
  const head = await read(0, headBytes);
  if (head[0] === 0x23 && head[1] === 0x21) return scriptOf(head);
  const layout = layoutOf(head);
  if (layout === undefined) return unknown;
  const segments = await tableOf(read, layout.segments, (entry) => segmentOf(entry, layout));
  if (segments === undefined || segments.length === 0) return unknown;
  const sections = await tableOf(read, layout.sections, (entry) => sectionOf(entry, layout));
  if (await isGo(read, layout, segments, sections ?? [])) return { kind: 'go' };
  const linkerSegment = segments.find(({ type }) => type === segmentType.interpreter);
  if (linkerSegment === undefined) return { kind: 'static' };
  const linker = await textAt(read, linkerSegment.offset, Math.min(linkerSegment.size, headBytes));
  return linker === '' ? unknown : { kind: 'dynamic', linker };
}

/** In words why libfaketime cannot reach such a program; undefined: nothing speaks against it. */
export function whyOutOfReach(program: string, file: ProgramFile): string | undefined {
  const name = program.slice(program.lastIndexOf('/') + 1);
  switch (file.kind) {
    case 'go':
      return `${name} is a Go program: it reads the clock without the C library, so libfaketime cannot reach it`;
    case 'static':
      return `${name} is linked statically: it brings a C library of its own, so libfaketime cannot reach it`;
    case 'dynamic':
      return file.linker.includes('/ld-musl')
        ? `${name} is linked against musl: libfaketime belongs to another C library and cannot be loaded into it`
        : undefined;
    case 'script':
    case 'unknown':
      return undefined;
    default:
      return file satisfies never;
  }
}

const segmentType = { interpreter: 3, note: 4 } as const;

interface Table {
  readonly offset: number;
  readonly entryBytes: number;
  readonly count: number;
}

interface Layout {
  readonly is64: boolean;
  readonly isLittle: boolean;
  readonly segments: Table;
  readonly sections: Table;
  /** Which section holds the names of all. */
  readonly namesSection: number;
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

interface Section {
  /** Where its name begins in the section of names. */
  readonly name: number;
  readonly offset: number;
  readonly size: number;
}

function layoutOf(head: Uint8Array): Layout | undefined {
  const isElf = head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
  const is64 = head[4] === 2;
  const isLittle = head[5] === 1;
  if (!isElf || (!is64 && head[4] !== 1) || (!isLittle && head[5] !== 2)) return undefined;
  if (head.length < (is64 ? 64 : 52)) return undefined;
  const fields = new Fields(head, { is64, isLittle });
  const half = (at64: number, at32: number): number => fields.half(is64 ? at64 : at32);
  return {
    is64,
    isLittle,
    segments: { offset: fields.word(32, 28), entryBytes: half(54, 42), count: half(56, 44) },
    sections: { offset: fields.word(40, 32), entryBytes: half(58, 46), count: half(60, 48) },
    namesSection: half(62, 50),
  };
}

/** Undefined: it is not all there. */
async function tableOf<Entry>(
  read: ReadBytes,
  { offset, entryBytes, count }: Table,
  parse: (entry: Uint8Array) => Entry,
): Promise<readonly Entry[] | undefined> {
  if (count === 0) return [];
  if (count > mostEntries || entryBytes < 32 || entryBytes > 1024) return undefined;
  const bytes = await read(offset, entryBytes * count);
  if (bytes.length < entryBytes * count) return undefined;
  return Array.from({ length: count }, (_, i) => parse(bytes.subarray(i * entryBytes, (i + 1) * entryBytes)));
}

function segmentOf(entry: Uint8Array, layout: Layout): Segment {
  const fields = new Fields(entry, layout);
  return { type: fields.quarter(0), offset: fields.word(8, 4), size: fields.word(32, 16) };
}

function sectionOf(entry: Uint8Array, layout: Layout): Section {
  const fields = new Fields(entry, layout);
  return { name: fields.quarter(0), offset: fields.word(24, 16), size: fields.word(32, 20) };
}

/** Go's linker leaves a note with the name Go, or at least the section that says how the program was built. */
async function isGo(
  read: ReadBytes,
  layout: Layout,
  segments: readonly Segment[],
  sections: readonly Section[],
): Promise<boolean> {
  for (const { type, offset, size } of segments) {
    if (type !== segmentType.note) continue;
    if (hasGoNote(await read(offset, Math.min(size, mostNoteBytes)), layout)) return true;
  }
  const table = sections[layout.namesSection];
  if (table === undefined) return false;
  const names = Buffer.from(await read(table.offset, Math.min(table.size, mostNameBytes))).toString('latin1');
  return sections.some(({ name }) => {
    const called = names.slice(name, names.indexOf('\0', name));
    return called === '.go.buildinfo' || called === '.note.go.buildid';
  });
}

function hasGoNote(notes: Uint8Array, layout: Layout): boolean {
  const fields = new Fields(notes, layout);
  const aligned = (bytes: number): number => Math.ceil(bytes / 4) * 4;
  let at = 0;
  while (at + 12 <= notes.length) {
    const nameBytes = fields.quarter(at);
    const contentBytes = fields.quarter(at + 4);
    if (Buffer.from(notes.subarray(at + 12, at + 12 + nameBytes)).toString('latin1') === 'Go\0\0')
      return true;
    at += 12 + aligned(nameBytes) + aligned(contentBytes);
  }
  return false;
}

function scriptOf(head: Uint8Array): ProgramFile {
  const [line = ''] = Buffer.from(head.subarray(2)).toString('utf8').split('\n', 1);
  const words = line.split(/[ \t\r]+/).filter((word) => word !== '');
  return words.length === 0 ? unknown : { kind: 'script', words };
}

async function textAt(read: ReadBytes, offset: number, length: number): Promise<string> {
  const [text = ''] = Buffer.from(await read(offset, length))
    .toString('latin1')
    .split('\0', 1);
  return text;
}

/** Numbers in the order of bytes and of the width that a file is written in. What lies behind the end is 0. */
class Fields {
  readonly #bytes: Buffer;
  readonly #is64: boolean;
  readonly #isLittle: boolean;

  constructor(bytes: Uint8Array, { is64, isLittle }: Pick<Layout, 'is64' | 'isLittle'>) {
    this.#bytes = Buffer.concat([bytes, Buffer.alloc(8)]);
    this.#is64 = is64;
    this.#isLittle = isLittle;
  }

  half(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt16LE(at) : this.#bytes.readUInt16BE(at);
  }

  quarter(at: number): number {
    return this.#isLittle ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  /** An address or a size: at one place in files of 64 bits, at another in files of 32. */
  word(at64: number, at32: number): number {
    if (!this.#is64) return this.quarter(at32);
    return Number(this.#isLittle ? this.#bytes.readBigUInt64LE(at64) : this.#bytes.readBigUInt64BE(at64));
  }
}
