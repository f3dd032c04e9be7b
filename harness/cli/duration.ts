// Durations on the command line always carry a unit: "30" could mean anything.

import { UsageError } from '../errors.ts';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a text such as `500ms`, `30s`, `1.5m`, `2h`. Throws UsageError that names `flag`. */
export function durationMs(flag: string, text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : unitMs[match[2]];
  if (match?.[1] === undefined || factor === undefined) {
    throw new UsageError(
      `--${flag}: "${text}" is not a duration; write a number with a unit, such as 500ms, 30s, 2m or 1h`,
    );
  }
  return Number(match[1]) * factor;
}

/** The same the other way: `30s`, `1m 30s`, `250ms`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds - minutes * 60);
  return rest === 0 ? `${minutes}m` : `${minutes}m ${rest}s`;
}
