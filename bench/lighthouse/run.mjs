// Runs Lighthouse as on a phone against pages of a running desk and prints one line of JSON per page with the
// median of each category. Usage: node run.mjs BASE RUNS PATH…
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

const [base, runs, ...paths] = process.argv.slice(2);
const categories = ['performance', 'accessibility', 'best-practices', 'seo'];

function browser() {
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        continue;
      }
    }
  throw new Error('Chromium is not installed');
}

const chrome = await launch({
  chromePath: browser(),
  chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  logLevel: 'silent',
});
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
try {
  for (const path of paths) {
    const scores = Object.fromEntries(categories.map((c) => [c, []]));
    const failing = new Set();
    for (let i = 0; i < Number(runs); i++) {
      const { lhr } = await lighthouse(base + path, { port: chrome.port, output: 'json', logLevel: 'error', onlyCategories: categories });
      for (const c of categories) {
        scores[c].push(Math.round(lhr.categories[c].score * 100));
        for (const ref of lhr.categories[c].auditRefs) {
          const audit = lhr.audits[ref.id];
          if (ref.weight > 0 && audit.score !== null && audit.score < 1) failing.add(`${ref.id} ${audit.displayValue ?? audit.score}`);
        }
      }
    }
    const medians = Object.fromEntries(categories.map((c) => [c, median(scores[c])]));
    console.log(JSON.stringify({ figure: 'lighthouse mobile', path, ...medians, runs: scores, below: [...failing] }));
  }
} finally {
  await chrome.kill();
}
