import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { reasonOutOfReach } from './clock-reach.ts';
import { type ProgramFile, programFile, type ReadBytes, whyOutOfReach } from './elf.ts';
import { localShell } from './local-shell.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-elf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bytesOf(bytes: Uint8Array): ReadBytes {
  return async (offset, length) => bytes.subarray(offset, offset + length);
}

async function kindOfFile(path: string): Promise<ProgramFile> {
  const file = await open(path);
  try {
    return await programFile(async (position, length) => {
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read({ buffer, position });
      return buffer.subarray(0, bytesRead);
    });
  } finally {
    await file.close();
  }
}

interface Made {
  readonly is64?: boolean;
  readonly isLittle?: boolean;
  readonly linker?: string;
  readonly note?: string;
  readonly sections?: readonly string[];
}

/** An executable as a linker would lay it out, without anything in it that could run. */
function executable({ is64 = true, isLittle = true, linker, note, sections = [] }: Made): Buffer {
  const bytes = Buffer.alloc(8192);
  const half = (at: number, value: number): unknown =>
    isLittle ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at);
  const quarter = (at: number, value: number): unknown =>
    isLittle ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
  const word = (at64: number, at32: number, value: number): unknown => {
    if (!is64) return quarter(at32, value);
    return isLittle
      ? bytes.writeBigUInt64LE(BigInt(value), at64)
      : bytes.writeBigUInt64BE(BigInt(value), at64);
  };
  const segment = (at: number, type: number, offset: number, size: number): void => {
    quarter(at, type);
    word(at + 8, at + 4, offset);
    word(at + 32, at + 16, size);
  };
  const segmentBytes = is64 ? 56 : 32;
  bytes.write('\x7fELF', 'latin1');
  bytes[4] = is64 ? 2 : 1;
  bytes[5] = isLittle ? 1 : 2;
  word(32, 28, 100);
  word(40, 32, 5000);
  half(is64 ? 54 : 42, segmentBytes);
  half(is64 ? 56 : 44, 3);
  half(is64 ? 58 : 46, is64 ? 64 : 40);
  half(is64 ? 60 : 48, sections.length === 0 ? 0 : sections.length + 1);
  half(is64 ? 62 : 50, sections.length);
  segment(100, 1, 0, 8192);
  segment(100 + segmentBytes, linker === undefined ? 1 : 3, 1000, (linker?.length ?? 0) + 1);
  bytes.write(`${linker ?? ''}\0`, 1000, 'latin1');
  segment(100 + 2 * segmentBytes, note === undefined ? 1 : 4, 2000, 40);
  for (const [i, name] of ['GNU\0', note ?? ''].entries()) {
    quarter(2000 + i * 20, 4);
    quarter(2004 + i * 20, 4);
    bytes.write(name, 2012 + i * 20, 'latin1');
  }
  const names = ['', ...sections].join('\0');
  for (const [i, name] of [...sections, ''].entries()) {
    const at = 5000 + i * (is64 ? 64 : 40);
    quarter(at, name === '' ? 0 : names.indexOf(`\0${name}`) + 1);
    word(at + 24, at + 16, 7000);
    word(at + 32, at + 20, names.length + 1);
  }
  bytes.write(`${names}\0`, 7000, 'latin1');
  return bytes;
}

const glibc = '/lib64/ld-linux-x86-64.so.2';

describe('what kind of program a file is', () => {
  test.each([
    { is64: true, isLittle: true },
    { is64: true, isLittle: false },
    { is64: false, isLittle: true },
    { is64: false, isLittle: false },
  ])('is seen in files of 64 bits: $is64, little end first: $isLittle', async (width) => {
    const kind = (made: Made) => programFile(bytesOf(executable({ ...width, ...made })));
    expect(await kind({ linker: glibc, note: 'ABC\0' })).toEqual({ kind: 'dynamic', linker: glibc });
    expect(await kind({ linker: glibc, sections: ['.text', '.go', '.x.go.buildinfo'] })).toMatchObject({
      kind: 'dynamic',
    });
    expect(await kind({})).toEqual({ kind: 'static' });
    expect(await kind({ note: 'Go\0\0' })).toEqual({ kind: 'go' });
    expect(await kind({ linker: glibc, note: 'Go\0\0' })).toEqual({ kind: 'go' });
    expect(await kind({ linker: glibc, sections: ['.text', '.go.buildinfo', '.data'] })).toEqual({
      kind: 'go',
    });
  });

  test('is the interpreter of a script', async () => {
    const script = (text: string) => programFile(bytesOf(Buffer.from(text)));
    expect(await script('#!/bin/sh\necho')).toEqual({ kind: 'script', words: ['/bin/sh'] });
    expect(await script('#! /usr/bin/env node\r\n')).toEqual({
      kind: 'script',
      words: ['/usr/bin/env', 'node'],
    });
    expect(await script('#!/bin/sh')).toEqual({ kind: 'script', words: ['/bin/sh'] });
    expect(await script('#!\n')).toEqual({ kind: 'unknown' });
  });

  test('is unknown for anything else, and however a file is cut off nothing throws', async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('echo hello\n'), Buffer.alloc(9000, 0xff)]) {
      expect(await programFile(bytesOf(bytes))).toEqual({ kind: 'unknown' });
    }
    const whole = executable({ linker: glibc, note: 'Go\0\0', sections: ['.go.buildinfo'] });
    for (let length = 0; length < whole.length; length += 7) {
      const { kind } = await programFile(bytesOf(whole.subarray(0, length)));
      expect(length < 268 ? ['unknown'] : ['go', 'dynamic', 'unknown'], `${length} bytes`).toContain(kind);
    }
    for (let at = 4; at < 300; at += 1) {
      const damaged = Buffer.from(whole);
      damaged[at] = 0xff;
      expect((await programFile(bytesOf(damaged))).kind).toMatch(/^(go|dynamic|static|unknown)$/);
    }
  });
});

describe('programs of this machine', () => {
  const missing = (what: string): void =>
    void process.stderr.write(`\nNOT TESTED: ${what} is not installed\n\n`);

  test('Node and the shell are in reach', async () => {
    expect(await kindOfFile(process.execPath)).toMatchObject({ kind: 'dynamic' });
    expect(await reasonOutOfReach(localShell, process.execPath)).toBeUndefined();
    expect(await reasonOutOfReach(localShell, 'sh')).toBeUndefined();
  });

  test('a script is as its interpreter is, and what is not there is not judged', async () => {
    const go = join(folder, 'store');
    const wrapper = join(folder, 'wrapper');
    const byEnv = join(folder, 'by-env');
    const bare = join(folder, 'bare');
    writeFileSync(go, executable({ note: 'Go\0\0' }), { mode: 0o755 });
    writeFileSync(wrapper, `#!${go} -x\n`, { mode: 0o755 });
    writeFileSync(byEnv, `#!/usr/bin/env -S A=1 ${wrapper}\n`, { mode: 0o755 });
    writeFileSync(bare, 'echo hello\n', { mode: 0o755 });
    const goReason =
      'store is a Go program: it reads the clock without the C library, so libfaketime cannot reach it';
    for (const program of [go, wrapper, byEnv])
      expect(await reasonOutOfReach(localShell, program)).toBe(goReason);
    expect(await reasonOutOfReach(localShell, bare)).toBeUndefined();
    expect(await reasonOutOfReach(localShell, join(folder, 'nothing'))).toBeUndefined();
    writeFileSync(bare, `#!${bare}\n`);
    expect(await reasonOutOfReach(localShell, bare)).toBeUndefined();
  });

  const etcd = '/usr/bin/etcd';
  if (!existsSync(etcd)) missing('etcd (etcd-server), a real Go program,');
  test.skipIf(!existsSync(etcd))(
    'etcd is a Go program, though it is linked against the C library',
    async () => {
      expect(await kindOfFile(etcd)).toEqual({ kind: 'go' });
      expect(await reasonOutOfReach(localShell, 'etcd')).toBe(
        'etcd is a Go program: it reads the clock without the C library, so libfaketime cannot reach it',
      );
      // With the build's own words alone, as when the note was stripped.
      const bytes = Buffer.from(readFileSync(etcd));
      bytes.write('XX', bytes.indexOf(Buffer.from('Go\0\0')), 'latin1');
      expect(await programFile(bytesOf(bytes))).toEqual({ kind: 'go' });
    },
  );

  // What sets up the C library's own search for libraries must not need one.
  const alone = '/sbin/ldconfig';
  if (!existsSync(alone)) missing(`${alone}, a real static program,`);
  test.skipIf(!existsSync(alone))('a program that brings its own C library is static', async () => {
    expect(await kindOfFile(alone)).toEqual({ kind: 'static' });
  });

  test('the reasons name the program', () => {
    expect(whyOutOfReach('/opt/tool', { kind: 'static' })).toMatch(/^tool is linked statically: /);
    expect(whyOutOfReach('tool', { kind: 'dynamic', linker: '/lib/ld-musl-x86_64.so.1' })).toMatch(
      /^tool is linked against musl: /,
    );
    expect(whyOutOfReach('tool', { kind: 'dynamic', linker: glibc })).toBeUndefined();
    expect(whyOutOfReach('tool', { kind: 'unknown' })).toBeUndefined();
  });
});
