/** The language of locales that a reader prefers, as the server would choose; the first one without a match. */
export function frontFor(locales: readonly string[], preferred: readonly string[]): string {
  for (const language of preferred) {
    const l = language.toLowerCase();
    const chinese = /^zh(?:-(?:hant|tw|hk|mo))/.test(l) ? 'zh-TW' : 'zh-CN';
    const wanted = l.startsWith('zh') ? [chinese, 'zh-CN', 'zh-TW'] : l.startsWith('en') ? ['en'] : [];
    const found = wanted.find((w) => locales.includes(w));
    if (found !== undefined) return found;
  }
  return locales[0] ?? 'en';
}
