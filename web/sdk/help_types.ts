/** The Help Center's half of the contract: editing, insight, announcements, registry; see types.ts for the rules. */
import type { Id, Micros, ScenarioKey, ReadingLocale } from './types';

export type { ReadingLocale };
/** The stage of a working text. What readers see is the version that `live` names, whatever the stage. */
export type Stage = 'draft' | 'review' | 'scheduled' | 'published' | 'archived';
export type Attention = 'missing' | 'outdated' | 'due' | 'links' | 'drafts';

export interface TextState {
  title: string;
  status: Stage;
  /** Number of the version that readers see; 0 = none. */
  live: number;
  revision: number;
  edited_at: Micros;
  edited_by_name: string;
  reviewed_at: Micros;
  /** When the next review is due; 0 = never. */
  due_at: Micros;
  publish_at: Micros;
  /** The source has a newer version than the one this was translated from. */
  outdated: boolean;
}
export interface TextSummary extends TextState {
  problems: number;
}
export interface Problem {
  /** From 1, within the body; 0 = the whole text. */
  line: number;
  kind: string;
  message: string;
  target?: string;
  /** The text cannot be published with it. */
  blocks?: boolean;
}
export interface ArticleText extends TextState {
  locale: ReadingLocale;
  summary: string;
  body: string;
  tags: string[] | null;
  /** Number of the version that these words are. */
  version: number;
  /** The version of the source that this was translated from; 0 for the source itself. */
  source_version: number;
  problems?: Problem[] | null;
}
interface ArticleHead {
  id: Id;
  slug: string;
  category_id: Id;
  /** The category's slug. */
  category: string;
  /** '' = every one. */
  entity: string;
  region: string;
  position: number;
  owner_id: Id | '' | '0';
  owner_name: string;
  source_locale: ReadingLocale;
  /** 0 = never. */
  review_days: number;
  updated_at: Micros;
}
export interface ArticleSummary extends ArticleHead {
  texts: Partial<Record<ReadingLocale, TextSummary>>;
}
export interface EditedArticle extends ArticleHead {
  revision: number;
  scenarios: ScenarioKey[] | null;
  /** Old addresses that lead here. */
  redirects: string[] | null;
  texts: Partial<Record<ReadingLocale, ArticleText>>;
}
export type ArticleCounts = Partial<Record<'all' | Stage | Attention, number>>;
export interface ArticlePage {
  articles: ArticleSummary[] | null;
  next: string;
  counts: ArticleCounts;
}
export interface ArticleQuery {
  locale?: string;
  category?: string;
  status?: Stage | '';
  attention?: Attention | '';
  owner?: string;
  entity?: string;
  region?: string;
  q?: string;
  cursor?: string;
  limit?: number;
}
export interface ArticlePatch {
  revision: number;
  slug?: string;
  category_id?: Id;
  position?: number;
  scenarios?: ScenarioKey[];
  owner_id?: Id | '';
  review_days?: number;
  entity?: string;
  region?: string;
  source_locale?: ReadingLocale;
}
export interface NewArticle {
  category_id: Id;
  slug?: string;
  entity?: string;
  region?: string;
  locale: ReadingLocale;
  title: string;
}
/** What an editor types. */
export interface Written {
  title: string;
  summary: string;
  body: string;
  tags: string[];
}
export interface TextSave extends Written {
  /** 0 = there is none yet. */
  revision: number;
  note?: string;
  source_version?: number;
}
export interface StageChange {
  revision: number;
  stage: Stage;
  publish_at?: Micros;
  minor?: boolean;
  note?: string;
}
export interface VersionInfo {
  number: number;
  action: string;
  author_name: string;
  created_at: Micros;
  minor: boolean;
  live: boolean;
  note: string;
  title: string;
}
export interface Version extends VersionInfo {
  summary: string;
  body: string;
  tags: string[] | null;
}
export interface Preview {
  html: string;
  problems: Problem[] | null;
}
export interface UploadedImage {
  name: string;
  url: string;
  width: number;
  height: number;
  bytes: number;
  markdown: string;
}
export interface HelpCategory {
  id: Id;
  slug: string;
  entity: string;
  region: string;
  icon: string;
  position: number;
  revision: number;
  texts: Partial<Record<ReadingLocale, { title: string; description: string }>>;
  articles: number;
}
export type CategoryFields = Pick<HelpCategory, 'slug' | 'entity' | 'region' | 'icon' | 'position' | 'texts'>;

/* ---- insight ---- */

export type InsightTotal =
  'views' | 'helpful' | 'unhelpful' | 'searches' | 'nothing' | 'unclicked' | 'conversations';
export type InsightTotals = Record<InsightTotal, number>;
export interface InsightDay {
  /** YYYY-MM-DD, UTC. */
  day: string;
  views: number;
  searches: number;
  nothing: number;
  conversations: number;
}
export interface InsightArticle {
  id: Id;
  slug: string;
  category: string;
  locale: ReadingLocale;
  title: string;
  views: number;
  helpful: number;
  unhelpful: number;
  conversations: number;
}
export interface InsightQuery {
  query: string;
  locale: ReadingLocale;
  searches: number;
  clicks?: number;
  conversations?: number;
}
export interface Insight {
  totals: InsightTotals;
  before: InsightTotals;
  days: InsightDay[] | null;
  articles: InsightArticle[] | null;
  nothing: InsightQuery[] | null;
  unclicked: InsightQuery[] | null;
  led_to_conversation: InsightQuery[] | null;
}
export interface ArticleFeedback {
  id: Id;
  article_id: Id;
  slug: string;
  category: string;
  title: string;
  locale: ReadingLocale;
  helpful: boolean;
  reason: string;
  comment: string;
  created_at: Micros;
}
export interface Synonyms {
  groups: string[][] | null;
  revision: number;
}

/* ---- announcements and the registry ---- */

export type AnnouncementLevel = 'info' | 'warning' | 'incident';
export interface AnnouncementFields {
  level: AnnouncementLevel;
  texts: Partial<Record<ReadingLocale, { title: string; body: string }>>;
  url: string;
  entity: string;
  region: string;
  published: boolean;
  starts_at: Micros;
  /** 0 = until taken down. */
  ends_at: Micros;
}
export interface Announcement extends AnnouncementFields {
  id: Id;
  revision: number;
  state: 'draft' | 'scheduled' | 'active' | 'over';
}
export type ContactType =
  | 'domain'
  | 'email'
  | 'phone'
  | 'x'
  | 'telegram'
  | 'facebook'
  | 'weibo'
  | 'wechat'
  | 'line'
  | 'whatsapp'
  | 'discord'
  | 'youtube'
  | 'app'
  | 'wallet';
export type ContactStatus = 'official' | 'reference' | 'known_fake';
export interface ContactFields {
  type: ContactType;
  value: string;
  status: ContactStatus;
  subdomains: boolean;
  purpose: Partial<Record<'en' | 'zh-CN', string>>;
  /** Shown on the contact page. */
  public: boolean;
  position: number;
  entity: string;
  region: string;
}
export interface OfficialContact extends ContactFields {
  id: Id;
  revision: number;
}

/** Says on `editing:<article>` that somebody saved a text. */
export interface ArticlePublication {
  type: 'article';
  article_id: Id;
  locale: ReadingLocale;
  revision: number;
  name: string;
}
