import type { Result } from '../base/result.ts';
import type { Html } from './admin/html.ts';

/** What operators look at and do while a service runs, beside what every appliance offers: by `lares` and in a browser. */
export interface Administration {
  /** By the name in `POST /service/NAME`. */
  readonly actions: Readonly<Record<string, ServiceAction>>;
  /** By the name in `GET /service/NAME`. */
  readonly pages: Readonly<Record<string, ServicePage>>;
}

/**
 * Gets the JSON that was sent, which nobody has looked at yet. What it gives is answered as JSON; an error is a sentence for the operator: what,
 * where, what would be right. What is thrown is logged; of an OperationalError its sentence is answered.
 */
export type ServiceAction = (input: unknown, operatorName: string) => Promise<Result<unknown, string>>;

/** undefined: there is nothing to be shown for this query. */
export type ServicePage = (query: Readonly<Record<string, string>>) => ServicePageContent | undefined;

/**
 * A form with `data-action="NAME"` in it is sent to that action as JSON, a text area line by line as a list; its `<output>` shows what comes
 * back (`said`, or the error), and `#content` is then shown anew. A form without it is a search: its fields become the page's query. A button with
 * `data-confirm` asks that question first; one with `data-fill` puts that JSON into the first form.
 */
export interface ServicePageContent {
  readonly title: string;
  readonly body: Html;
}
