import { describe, expect, it } from 'vitest';
import { faultColour, variables } from './palette.ts';

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

describe('colours', () => {
  it.each(['light', 'dark'] as const)(
    'text has a contrast of at least 4.5 on every paper it stands on in %s',
    (theme) => {
      const colours = Object.fromEntries(
        variables(theme)
          .split(';')
          .map((pair) => pair.slice(2).split(':') as [string, string]),
      );
      const papers: Record<string, string[]> = {
        text: ['page', 'surface', 'sunken', 'okTint', 'failTint', 'infoTint', 'badTint'],
        muted: ['page', 'surface', 'sunken'],
        accent: ['surface'],
        good: ['surface', 'goodTint'],
        bad: ['surface', 'badTint'],
        info: ['surface', 'infoTint'],
      };
      for (const [ink, on] of Object.entries(papers)) {
        for (const paper of on) {
          expect(
            contrast(colours[ink] ?? '', colours[paper] ?? ''),
            `${ink} on ${paper}`,
          ).toBeGreaterThanOrEqual(4.5);
        }
      }
    },
  );

  it('a pale or dark fault colour keeps its hue and becomes visible on both papers', () => {
    expect(faultColour('#E9DCA0')).toMatch(/^#[0-9a-f]{6}$/);
    for (const colour of ['#E9DCA0', '#A0B1E9', '#000000', '#ffffff', '#102030']) {
      expect(contrast(faultColour(colour), '#ffffff')).toBeGreaterThan(1.5);
      expect(contrast(faultColour(colour), '#161b23')).toBeGreaterThan(1.5);
    }
  });

  it('what is no colour is grey', () => {
    expect(['red', '#fff', '#12345g', '" onload="x'].map(faultColour)).toEqual(
      Array.from({ length: 4 }, () => '#808080'),
    );
  });
});
