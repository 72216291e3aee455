/** The words of a line, as people separate them in either language. */
export function split(line: string): string[] {
  const parts = line
    .split(/[,，、;；\n]/)
    .map((word) => word.trim())
    .filter((word) => word !== '');
  return [...new Set(parts)];
}

export function joined(words: readonly string[], locale: string): string {
  return words.join(locale === 'zh-CN' ? '，' : ', ');
}

/** A word that stands in two groups, whatever its case; '' when none does. */
export function repeated(groups: readonly (readonly string[])[]): string {
  const seen = new Map<string, number>();
  for (const [i, group] of groups.entries()) {
    for (const word of group) {
      const key = word.toLowerCase();
      if ((seen.get(key) ?? i) !== i) return word;
      seen.set(key, i);
    }
  }
  return '';
}
