// Checks that what was built for customers runs in the oldest browsers that we support, Chrome 87 and iOS 14.0
// (architecture: old web views): its syntax by parsing it as ES2021, its interfaces and its styles by name. A
// name is no proof in either direction; each exception below says why it is one.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'acorn';

const dist = `${process.env['VERIDESK_DIST'] ?? new URL('../../internal/web/assets/dist', import.meta.url).pathname}/`;

/** Interfaces younger than the floor, and the browsers that brought them. */
const interfaces = [
  [/\bstructuredClone\b/, 'Chrome 98, Safari 15.4'],
  // A class's own method of that name is none.
  [/(?<!\bthis)\.at\(/, 'Array.at: Chrome 92, Safari 15.4'],
  [/\bhasOwn\(/, 'Object.hasOwn: Chrome 93, Safari 15.4'],
  [/\.findLast(Index)?\(/, 'Chrome 97, Safari 15.4'],
  [/\.(toSorted|toReversed|toSpliced)\(/, 'Chrome 110, Safari 16'],
  [/\b(groupBy|fromAsync|withResolvers)\(/, 'Chrome 117 and later'],
  [/\brandomUUID\b/, 'Chrome 92, Safari 15.4'],
  [/\b(WeakRef|FinalizationRegistry)\b/, 'Safari 14.1'],
  [/\bBroadcastChannel\b/, 'Safari 15.4'],
  [/\bAbortSignal\.(timeout|any)\b/, 'Chrome 103, Safari 16'],
  [/\brequestIdleCallback\b/, 'no Safari'],
  [/\.showModal\(|createElement\(.dialog.\)/, 'dialog: Safari 15.4'],
  [/\.inert\b|\binert=/, 'Chrome 102, Safari 15.5'],
  [/\bIntl\.(ListFormat|Segmenter|DurationFormat)\b/, 'Safari 14.1 and later'],
  [/\b(dateStyle|timeStyle)\b/, 'Safari 14.1'],
  [/\b(CompressionStream|TextDecoderStream|OffscreenCanvas)\b/, 'Safari 16.4'],
  [/\bURL\.canParse\b/, 'Chrome 120, Safari 17'],
  [/\bcheckVisibility\b|\bstartViewTransition\b/, 'Chrome 105 and later'],
];

const styles = [
  [/:(has|is|where)\(/, 'Chrome 88 and later'],
  [/:dir\(/, 'Chrome 120'],
  [/(^|[;{\s])inset(-[\w-]+)?:/, 'Safari 14.1, 14.5'],
  [/(margin|padding)-(inline|block):/, 'Safari 14.1'],
  [/border-(start|end)-(start|end)-radius:/, 'Chrome 89, Safari 15'],
  [/[\d.](dvh|svh|lvh|dvw|cqw)\b/, 'Chrome 108, Safari 15.4'],
  [/aspect-ratio:/, 'Chrome 88, Safari 15'],
  [/@(layer|container|property)\b|color-mix\(|(^|[;{])(translate|scale|rotate):/, 'Chrome 99 and later'],
  [/overflow(-[xy])?:clip\b/, 'Chrome 90, Safari 16'],
  [/@media[^{]*[<>]=?/, 'Chrome 104, Safari 16.4'],
  [/:focus-visible/, 'Safari 15.4'],
];

/** What is there on purpose: the file, the word, and why nothing is lost where it is not understood. */
const exceptions = [
  [/./, /dateStyle/, 'an old browser gives its default date instead'],
  [/\.js$/, /ismap\.loop/, 'Svelte’s list of attributes that are on or off'],
  [/\.css$/, /:focus-visible/, 'only within :not(): an old browser shows the outline also after a click'],
];

const problems = [];
const say = (file, at, what) => {
  const known = exceptions.some(([where, word]) => where.test(file) && word.test(at));
  if (!known) problems.push(`${file}: …${at.replace(/\s+/g, ' ')}… (${what})`);
};
const around = (text, match) => text.slice(Math.max(0, match.index - 30), match.index + 40);

function check(file, text, list) {
  for (const [pattern, what] of list) {
    for (const m of text.matchAll(new RegExp(pattern.source, 'g'))) say(file, around(text, m), what);
  }
}

/** Chrome before 91 evaluates "f?.(...list)" wrongly (compat-table: optional chaining, spread after it). */
function walk(node, file, text) {
  if (
    node.type === 'CallExpression' &&
    node.optional &&
    node.arguments.some((a) => a.type === 'SpreadElement')
  )
    say(file, text.slice(node.start, node.start + 60), 'spread after ?.: Chrome 91');
  if (node.type === 'Literal' && node.regex && /\(\?<[=!]/.test(node.regex.pattern))
    say(file, node.regex.pattern, 'lookbehind: Safari 16.4');
  for (const child of Object.values(node)) {
    for (const c of Array.isArray(child) ? child : [child])
      if (c && typeof c.type === 'string') walk(c, file, text);
  }
}

function script(file, text, sourceType) {
  try {
    walk(parse(text, { ecmaVersion: 2021, sourceType }), file, text);
  } catch (error) {
    problems.push(`${file}: not ES2021: ${error.message}: …${text.slice(error.pos - 30, error.pos + 30)}…`);
  }
  check(file, text, interfaces);
}

let files = 0;
for (const part of ['widget', 'site']) {
  if (!existsSync(dist + part)) continue;
  for (const name of readdirSync(dist + part, { recursive: true, encoding: 'utf8' })) {
    const text = () => readFileSync(`${dist}${part}/${name}`, 'utf8');
    if (name.endsWith('.js'))
      script(`${part}/${name}`, text(), name.startsWith('assets/') ? 'module' : 'script');
    // The site is for browsers; web views open only the widget and the in-app centre.
    else if (name.endsWith('.css') && part === 'widget') check(`${part}/${name}`, text(), styles);
    else continue;
    files++;
  }
}
for (const problem of problems) console.error(problem);
if (files === 0) console.log('floor: nothing is built yet, nothing was checked (npm run build)');
else console.log(`floor: ${files} files, ${problems.length} problems`);
process.exit(problems.length > 0 ? 1 : 0);
