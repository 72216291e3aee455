type Rgb = [number, number, number];

const parse = (hex: string): Rgb => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as Rgb;
const format = (c: Rgb) => `#${c.map((v) => Math.round(v).toString(16).padStart(2, '0')).join('')}`;
const mix = (a: Rgb, b: Rgb, part: number) => a.map((v, i) => v + ((b[i] as number) - v) * part) as Rgb;

/** Relative luminance, WCAG 2.2. */
function luminance(c: Rgb): number {
  const [r, g, b] = c.map((v) => {
    const s = v / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Contrast ratio of two colours as #rrggbb, 1 to 21 (WCAG 2.2). */
export function contrast(a: string, b: string): number {
  const [x, y] = [luminance(parse(a)), luminance(parse(b))];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const surfaces = { light: '#ffffff', dark: '#171b21' };
const white = '#ffffff';
const black = '#0b0f16';

/** Token values for an operator's colour: readable whatever colour it is. */
export function accentTokens(color: string, scheme: 'light' | 'dark'): Record<string, string> {
  const surface = surfaces[scheme];
  const ink =
    contrast(color, white) >= 4.5 || contrast(color, white) > contrast(color, black) ? white : black;
  const soft = format(mix(parse(surface), parse(color), scheme === 'light' ? 0.1 : 0.2));
  const toward = scheme === 'light' ? black : white;
  let text = color;
  for (let part = 0; part < 1 && contrast(text, soft) < 4.6; part += 0.05) {
    text = format(mix(parse(color), parse(toward), part));
  }
  return {
    '--accent': color,
    '--accent-hover': format(mix(parse(color), parse(ink === white ? black : white), 0.15)),
    '--accent-ink': ink,
    '--accent-soft': soft,
    '--accent-text': text,
    '--focus': text,
  };
}

/** Token values for everything that the page around us says about looks. */
export function lookTokens(
  { color, radius, font }: { color: string; radius: string; font: string },
  scheme: 'light' | 'dark',
): Record<string, string> {
  const round = Number(radius);
  return {
    ...(color && accentTokens(color, scheme)),
    ...(radius && {
      '--radius-sm': `${Math.min(round, 6)}px`,
      '--radius-md': `${Math.min(round, 14)}px`,
      '--radius-lg': `${round}px`,
    }),
    ...(font && { '--font-sans': `${font}, system-ui, sans-serif` }),
  };
}
