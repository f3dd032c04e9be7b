// The colours of the page, each for light and for dark paper, and how SVG shapes take them: as an attribute, which holds
// where no style is allowed, and as a class, by which the style sheet follows the reader's theme.

import { Html } from './escape.ts';

/** Light, dark. Text colours keep a contrast of at least 4.5 on `surface`, `page` and their own tint. */
const colours = {
  page: ['#f4f6f9', '#0d1117'],
  surface: ['#ffffff', '#161b23'],
  sunken: ['#f0f2f6', '#1d2430'],
  border: ['#d9dee7', '#2d3645'],
  grid: ['#e6eaf0', '#242c39'],
  text: ['#161b26', '#e7ebf2'],
  muted: ['#566074', '#9eaabd'],
  accent: ['#2a55c5', '#8fb0ff'],
  ok: ['#3a78c9', '#5f9df0'],
  okTint: ['#dbe8f8', '#1c3557'],
  fail: ['#6c7686', '#98a3b5'],
  failTint: ['#e7eaef', '#303947'],
  info: ['#8f5500', '#e5ac4a'],
  infoTint: ['#fbecd2', '#453312'],
  bad: ['#c4202f', '#ff7b7f'],
  badTint: ['#fde5e6', '#4a1c22'],
  good: ['#13713f', '#56cf8f'],
  goodTint: ['#ddf3e5', '#133a27'],
} as const;

export type Colour = keyof typeof colours;

function entries(): [Colour, readonly [string, string]][] {
  return Object.entries(colours) as [Colour, readonly [string, string]][];
}

export function variables(theme: 'light' | 'dark'): string {
  return entries()
    .map(([name, [light, dark]]) => `--${name}:${theme === 'light' ? light : dark}`)
    .join(';');
}

/** A rule for each colour as SVG fill and as SVG stroke. */
export function paintRules(): string {
  return entries()
    .map(([name]) => `.f-${name}{fill:var(--${name})}.s-${name}{stroke:var(--${name})}`)
    .join('\n');
}

/** The attributes that give an SVG shape its colours. */
export function paint(paints: { fill?: Colour; stroke?: Colour }): Html {
  const classes: string[] = [];
  const attributes: string[] = [];
  if (paints.fill !== undefined) {
    classes.push(`f-${paints.fill}`);
    attributes.push(`fill="${colours[paints.fill][0]}"`);
  }
  if (paints.stroke !== undefined) {
    classes.push(`s-${paints.stroke}`);
    attributes.push(`stroke="${colours[paints.stroke][0]}"`);
  }
  return new Html(`class="${classes.join(' ')}" ${attributes.join(' ')}`);
}

/**
 * A fault's colour comes from outside, pale or dark: its hue is kept and its lightness made such that it shows on both
 * papers. Anything but `#rrggbb` becomes grey.
 */
export function faultColour(colour: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return '#808080';
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as [
    number,
    number,
    number,
  ];
  const [low, high] = [Math.min(red, green, blue), Math.max(red, green, blue)];
  const lightness = (low + high) / 2;
  const wished = Math.min(0.58, Math.max(0.44, lightness));
  // Distances from the middle grey scale with the room that the lightness leaves them.
  const room = (l: number): number => 1 - Math.abs(2 * l - 1);
  const factor = room(lightness) === 0 ? 0 : room(wished) / room(lightness);
  const channel = (value: number): string =>
    Math.round(255 * Math.min(1, Math.max(0, wished + (value - lightness) * factor)))
      .toString(16)
      .padStart(2, '0');
  return `#${channel(red)}${channel(green)}${channel(blue)}`;
}
