// Looks at HTML reports as readers do: on a desk and on a phone, in light and in dark.
//
//   node check.mjs REPORT.html ...        exit status 1 if anything is wrong
//   SCREENSHOTS=DIR node check.mjs ...    also keeps what each view looks like

import axe from 'axe-core';
import { chromium } from 'playwright-core';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const WIDTHS = [1280, 390];
const SCHEMES = ['light', 'dark'];

/// What axe-core, with all of its rules, finds wrong with a page.
async function violations(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')}`));
}

/// What is wrong with one view of a report.
async function look(browser, file, width, scheme) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  const page = await context.newPage();
  const url = pathToFileURL(path.resolve(file)).href;
  const wrong = [];
  page.on('request', (request) => request.url() === url || wrong.push(`it asks for ${request.url()}`));
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`));
  await page.goto(url);
  await page.evaluate(() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; }));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) wrong.push(`it is ${wide} pixels wider than the screen`);
  if (process.env.SCREENSHOTS) {
    const name = `${path.basename(file, '.html')}-${width}-${scheme}.png`;
    await page.screenshot({ path: path.join(process.env.SCREENSHOTS, name), fullPage: true });
  }
  wrong.push(...await violations(page));
  await context.close();
  return wrong;
}

/// A page with faults must not pass, or passing means nothing.
async function canFail(browser) {
  const page = await browser.newPage();
  await page.setContent('<p style="color:#ccc;background:#fff">pale</p><img src="data:,">');
  const ids = (await violations(page)).map((line) => line.split(':')[0]);
  await page.close();
  return ['color-contrast', 'image-alt', 'html-has-lang'].every((id) => ids.includes(id));
}

const files = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
let failed = files.length === 0 || !(await canFail(browser));
if (failed) console.log('axe-core does not find the faults of a page that has some, or no report was given');
for (const file of files) {
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      const wrong = await look(browser, file, width, scheme);
      console.log(`${file}, ${width} pixels, ${scheme}: ${wrong.length === 0 ? 'nothing wrong' : ''}`);
      wrong.forEach((line) => console.log(`  ${line}`));
      failed ||= wrong.length > 0;
    }
  }
}
await browser.close();
process.exit(failed ? 1 : 0);
