// Prints what a browser downloads, in gzip bytes (docs: cli.md):
//   loader N   the script on the exchange's page
//   widget N   everything loaded to open the widget and send a first message, loader included
//   console N  first load: index.html and everything it references, and what those import statically
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = process.env['VERIDESK_DIST']
  ? `${process.env['VERIDESK_DIST']}/`
  : new URL('../../internal/web/assets/dist/', import.meta.url).pathname;

const size = (files) =>
  [...files].reduce((sum, f) => sum + gzipSync(readFileSync(f), { level: 9 }).length, 0);

/** Files that index.html of an app loads at once, following static imports and stylesheets' @import. */
function firstLoad(app) {
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    if (!existsSync(file)) throw new Error(`${file} is referenced but missing`);
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    const found = file.endsWith('.html')
      ? text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)
      : file.endsWith('.js')
        ? text.matchAll(/(?:^|[;}\s])(?:import|export)\b[^;'"()]*?["'](\.[^"']+\.js)["']/g)
        : [];
    for (const [, ref] of found) {
      const at = ref.startsWith('/')
        ? ref.replace(`/${app}/`, '')
        : normalize(join(dirname(file.slice(dist.length + app.length + 1)), ref));
      visit(join(dist, app, at));
    }
  };
  visit(join(dist, app, 'index.html'));
  return seen;
}

try {
  const loader = size([join(dist, 'widget/loader.js')]);
  console.log(`loader ${loader}`);
  // One language of three is downloaded: count the largest.
  const words = readdirSync(join(dist, 'widget/assets')).filter((f) => /^(en|zh_cn|zh_tw)-.*\.js$/.test(f));
  const catalogue = Math.max(0, ...words.map((f) => size([join(dist, 'widget/assets', f)])));
  console.log(`widget ${loader + catalogue + size(firstLoad('widget'))}`);
  console.log(`console ${size(firstLoad('console'))}`);
} catch (error) {
  console.error(`sizes: ${error.message}\nsizes: build the front ends first (npm run build)`);
  process.exit(1);
}
