import * as z from 'zod';
import { schemaOf } from './services.ts';

/** The text of `configs/<service>.schema.json`: JSON Schema for editors, from the same schema that validates. */
export function configurationSchemaText(service: string): string {
  const schema = z.toJSONSchema(schemaOf(service), { io: 'input', unrepresentable: 'any' });
  const titled = { ...schema, title: `Configuration of the Lares ${service}` };
  return `${JSON.stringify(titled, undefined, 2)}\n`;
}
