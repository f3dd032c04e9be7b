// The page in a real browser: what a reader gets, and what hostile values do not get.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { History } from '../checkers/history.ts';
import type { TestRun } from '../harness/test-run.ts';
import { htmlReport } from './html.ts';
import { junitReport } from './junit.ts';
import { safeLine } from './safe-text.ts';
import { launchChromium, noChromium } from './testdata/chromium.ts';
import { hostileRun } from './testdata/hostile-run.ts';
import { runOf, staleRun, validRun } from './testdata/synthetic-run.ts';

interface Opened {
  readonly page: Page;
  /** Console messages, page errors, dialogs, and requests besides the file. */
  readonly incidents: string[];
}

describe.skipIf(noChromium !== undefined)(
  `the page in a browser${noChromium === undefined ? '' : ` (skipped: ${noChromium})`}`,
  () => {
    let browser: Browser;
    let directory: string;

    beforeAll(async () => {
      browser = await launchChromium();
      directory = await mkdtemp(join(tmpdir(), 'faultline-report-'));
    });

    afterAll(async () => {
      await browser?.close();
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    });

    async function open(run: TestRun, options: { width?: number } = {}): Promise<Opened> {
      const [file] = htmlReport.render(run);
      const path = join(directory, `report-${crypto.randomUUID()}.html`);
      await writeFile(path, file?.content ?? '');
      const page = await browser.newPage({
        viewport: { width: options.width ?? 1280, height: 900 },
        colorScheme: 'light',
      });
      const incidents: string[] = [];
      page.on('console', (message) => incidents.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
      page.on('dialog', (dialog) => {
        incidents.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      const url = pathToFileURL(path).href;
      page.on('request', (request) => {
        if (request.url() !== url && !request.url().startsWith('data:'))
          incidents.push(`request: ${request.url()}`);
      });
      await page.goto(url);
      return { page, incidents };
    }

    it('a violation is told by title, banner, words, picture and table, without a request or a complaint', async () => {
      const run = staleRun({ operations: 300 });
      const { page, incidents } = await open(run);
      expect(await page.title()).toBe(run.verdict.sentence);
      expect(await page.locator('h1').innerText()).toBe(run.verdict.sentence);
      expect(await page.locator('.banner').innerText()).toContain('Violation found');
      expect(await page.locator('.banner').innerText()).toContain('Mutant stale-read');
      const violation = page.locator('#violation');
      expect(await violation.innerText()).toContain('Write 2 must come before the read');
      expect(await violation.innerText()).toContain('partition (4.0 s to 7.2 s)');
      const label = await violation.locator('svg.picture').getAttribute('aria-label');
      expect(label).toContain('process 12: read → 1');
      expect(await violation.locator('tbody tr').count()).toBe(3);
      expect(await violation.locator('tbody tr').last().innerText()).toContain('fits nowhere');
      expect(await page.locator('section > h2').allInnerTexts()).toEqual([
        'What went wrong',
        'Timeline',
        'Latency and rate',
        'Faults',
        'Checks',
        'Operations',
        'Keys',
        'Harness',
        'Environment',
        'Reproduce',
      ]);
      expect(await page.locator('#reproduce').innerText()).toContain(run.plan.command);
      expect(incidents).toEqual([]);
      await page.close();
    });

    it('a pass says what it is worth and has no section on what went wrong', async () => {
      const { page, incidents } = await open(validRun());
      const banner = await page.locator('.banner').innerText();
      expect(banner).toContain('What this pass is worth');
      expect(banner).toMatch(/Faults that took effect\s+3\s+partition 1, kill 1, pause 1/);
      expect(await page.locator('#violation').count()).toBe(0);
      expect(incidents).toEqual([]);
      await page.close();
    });

    it('hostile values are text: they make no element, no dialog and no request', async () => {
      const run = hostileRun();
      const { page, incidents } = await open(run);
      expect(incidents).toEqual([]);
      expect(await page.locator('.pwned, script, img, iframe, b').count()).toBe(0);
      expect(await page.locator('style').count()).toBe(1);
      const handlers = await page.evaluate(
        "[...document.querySelectorAll('*')].flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith('on') || n === 'style')",
      );
      expect(handlers).toEqual([]);
      expect(await page.locator('section > h2').count()).toBe(10);
      const text = await page.locator('body').innerText();
      expect(text).toContain('</script><script>document.title="pwned"</script>');
      expect(text).toContain('(100,005 characters)');
      expect(await page.title()).toBe(safeLine(run.verdict.sentence));
      expect(await page.locator('.broken').count()).toBe(0);
      await page.close();
    });

    it('right-to-left text is isolated, so that what follows it stays in its place', async () => {
      const { page } = await open(hostileRun());
      expect(
        await page
          .locator('bdi')
          .filter({ hasText: /^שלום עולם$/ })
          .count(),
      ).toBeGreaterThan(0);
      await page.close();
    });

    it('nothing is wider than a narrow screen, and both papers are opaque', async () => {
      for (const run of [staleRun({ operations: 300 }), hostileRun()]) {
        const { page } = await open(run, { width: 400 });
        for (const [colorScheme, paper] of [
          ['light', 'rgb(244, 246, 249)'],
          ['dark', 'rgb(13, 17, 23)'],
        ] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(400);
          expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(paper);
        }
        await page.close();
      }
    });

    it('print opens what is folded and cuts off no picture', async () => {
      const { page } = await open(staleRun({ operations: 300 }));
      const numbers = page.locator('#performance details table');
      expect(await numbers.isVisible()).toBe(false);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await numbers.isVisible()).toBe(true);
      expect(await page.locator('nav').isVisible()).toBe(false);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      await page.close();
    });

    it('junit.xml of hostile values is well-formed and carries them as text', async () => {
      const [file] = junitReport.render(hostileRun());
      const page = await browser.newPage();
      const [error, message] = await page.evaluate<[string, string]>(
        `(() => {
        const parsed = new DOMParser().parseFromString(${JSON.stringify(file?.content)}, 'application/xml');
        return [
          parsed.querySelector('parsererror')?.textContent ?? '',
          parsed.querySelector('testcase[name=verdict] failure')?.getAttribute('message'),
        ];
      })()`,
      );
      expect(error).toBe('');
      expect(message).toContain('</script><script>document.title="pwned"</script>');
      await page.close();
    });

    it.each([
      ['no operation', runOf(History.of([]), { conclusion: 'unknown' })],
      ['an interruption', runOf(History.of([]), { conclusion: 'interrupted' })],
      [
        'a failure of the harness',
        runOf(History.of([]), {
          conclusion: 'harness-failure',
          problems: [{ stage: 'system up', message: 'n2 did not start' }],
        }),
      ],
    ])('a run that ended with %s has its page too', async (_, run) => {
      const { page, incidents } = await open(run);
      expect(await page.locator('h1').innerText()).toBe(run.verdict.sentence);
      expect(await page.locator('.broken').count()).toBe(0);
      expect(incidents).toEqual([]);
      await page.close();
    });
  },
);
