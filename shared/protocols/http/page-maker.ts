import { type HeaderRule, headerChangeOf, matchHeaderRules } from './header-rules.ts';
import type { IndexedFile } from './index-content.ts';
import { pageOf } from './page-fields.ts';
import type { Page } from './site.ts';

/** The page of `file` under the URL of `path`. Under URLs with the same rules it is the same object. */
export type PageMaker = (file: IndexedFile, path: string) => Page;

/** Most files have two URLs (`/about`, `/about.html`) and one set of fields: made once, that is half the memory. */
export function createPageMaker(
  headerRules: readonly HeaderRule[],
  generalFields: readonly string[],
): PageMaker {
  const made = new Map<IndexedFile, { readonly rules: readonly HeaderRule[]; readonly page: Page }[]>();
  return (file, path) => {
    const rules = matchHeaderRules(headerRules, path);
    const pages = made.get(file) ?? [];
    const same = pages.find(each => equal(each.rules, rules));
    if (same !== undefined) return same.page;
    const page = pageOf(file, { generalFields, change: headerChangeOf(rules) });
    made.set(file, [...pages, { rules, page }]);
    return page;
  };
}

function equal(left: readonly HeaderRule[], right: readonly HeaderRule[]): boolean {
  return left.length === right.length && left.every((rule, index) => rule === right[index]);
}
