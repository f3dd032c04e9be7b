// A real browser for tests of pages. Where none is installed tests are skipped and say so; on a build server they fail.

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usualPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const chosen = process.env['FAULTLINE_CHROMIUM'];

export const chromiumPath: string | undefined = chosen ?? usualPaths.find((path) => existsSync(path));

/** Why tests with a browser are skipped; undefined where they run. */
export const noChromium: string | undefined =
  chromiumPath !== undefined || process.env['CI'] === 'true'
    ? undefined
    : 'no Chromium found: set FAULTLINE_CHROMIUM to its path';

export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium found: set FAULTLINE_CHROMIUM to its path');
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
