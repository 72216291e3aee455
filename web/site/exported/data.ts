/** What the exporter writes for the search of one language (internal/site/export_search.go). */
export interface SearchData {
  categories: string[];
  articles: Article[];
  synonyms: string[][];
  /** Pairs of characters: traditional, simplified. */
  simplified: string;
}

export interface Article {
  /** From the search page. */
  path: string;
  /** Its place among the categories. */
  category: number;
  title: string;
  summary: string;
  tags: string[];
  text: string;
}
