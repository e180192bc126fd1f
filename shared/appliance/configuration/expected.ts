import * as z from 'zod';
import type { ZodType } from 'zod';
import type { KeyPath } from './locate.ts';

/** The part of JSON Schema that our schemas use. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly writeOnly?: boolean;
  readonly additionalProperties?: Schema | boolean;
}

/** Tells what would be right at a place of the configuration, from its schema alone. */
export interface Expectations {
  /** A phrase: 'a whole number from 1 to 65535: the port, such as 8443'. Undefined where the schema does not say. */
  describe(path: KeyPath): string | undefined;
  /** The keys that a table knows. */
  knownKeys(path: KeyPath): string[];
  /** The value is a secret and must not be repeated. */
  isSecret(path: KeyPath): boolean;
}

export function expectationsOf(schema: ZodType): Expectations {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema;
  const at = (path: KeyPath): Schema | undefined => {
    let here: Schema | undefined = root;
    for (const part of path) here = child(here, part);
    return here;
  };
  return {
    describe(path) {
      const found = at(path);
      return found === undefined ? undefined : phrase(found);
    },
    knownKeys: path => Object.keys(objectOf(at(path))?.properties ?? {}),
    isSecret: path => path.some((_, index) => at(path.slice(0, index + 1))?.writeOnly === true),
  };
}

function child(schema: Schema | undefined, part: string | number): Schema | undefined {
  if (typeof part === 'number') return schema?.items ?? schema?.anyOf?.find(each => each.items)?.items;
  const object = objectOf(schema);
  if (object?.properties?.[part]) return object.properties[part];
  return typeof object?.additionalProperties === 'object' ? object.additionalProperties : undefined;
}

function objectOf(schema: Schema | undefined): Schema | undefined {
  return schema?.anyOf?.find(each => each.properties) ?? schema;
}

function phrase(schema: Schema): string | undefined {
  const kind = kindOf(schema);
  const examples = schema.examples?.map(each => JSON.stringify(each)).join(' or ');
  const parts = [kind, schema.description].filter(part => part !== undefined && part !== '');
  if (parts.length === 0) return undefined;
  return parts.join(': ') + (examples === undefined ? '' : `, such as ${examples}`);
}

function kindOf(schema: Schema): string | undefined {
  if (schema.enum) return `one of ${schema.enum.map(each => JSON.stringify(each)).join(', ')}`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map(each => kindOf(each) ?? 'a value').join(' or ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return `${schema.type === 'integer' ? 'a whole number' : 'a number'}${range(schema)}`;
    case 'string':
      return 'a text in quotes';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list in [ ]';
    case 'object':
      return 'a table';
    default:
      return undefined;
  }
}

function range({ minimum, maximum }: Schema): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (low && high) return ` from ${minimum} to ${maximum}`;
  if (low) return ` of at least ${minimum}`;
  return high ? ` of at most ${maximum}` : '';
}
