import type { ArticleSummary, ArticleText, EditedArticle } from '../../sdk';

export function articleText(change: Partial<ArticleText> = {}): ArticleText {
  return {
    locale: 'en',
    title: 'title',
    summary: 'summary',
    body: 'body',
    tags: ['tag'],
    status: 'draft',
    live: 0,
    revision: 1,
    publish_at: 0,
    edited_at: 1,
    edited_by_name: 'Kai',
    reviewed_at: 1,
    due_at: 0,
    version: 1,
    source_version: 0,
    outdated: false,
    ...change,
  };
}

const head = {
  id: '7',
  slug: 'deposit-late',
  category_id: '1',
  category: 'deposits',
  entity: '',
  region: '',
  position: 10,
  owner_id: '',
  owner_name: '',
  source_locale: 'en' as const,
  review_days: 180,
  updated_at: 1,
};

export function editedArticle(change: Partial<EditedArticle> = {}): EditedArticle {
  return { ...head, revision: 1, scenarios: [], redirects: [], texts: { en: articleText() }, ...change };
}

export function articleSummary(id: string): ArticleSummary {
  return { ...head, id, texts: { en: { ...articleText(), problems: 0 } } };
}
