/**
 * A checker for docs/json.schema.json: the keywords of JSON Schema 2020-12 that stand there, and no others. It is stricter
 * than a schema is to those who read our objects: a property that the schema does not have is a fault.
 */
import { readFileSync } from 'node:fs';

type Schema = Readonly<Record<string, unknown>>;

const { $defs, ...root } = JSON.parse(
  readFileSync(new URL('../docs/json.schema.json', import.meta.url), 'utf8'),
) as Schema & { $defs: Record<string, Schema> };

const known = new Set(
  '$ref oneOf const enum type pattern minimum items properties required $schema title description'.split(' '),
);

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

/** What is wrong with a value, a line for each fault; none when it is as documented. */
export function faults(value: unknown, schema: Schema = root, at = '$'): string[] {
  const unknown = Object.keys(schema).find((keyword) => !known.has(keyword));
  if (unknown !== undefined) throw new Error(`the checker does not know ${unknown}`);
  const is = (keyword: string, holds: (wanted: never) => boolean): string[] =>
    schema[keyword] === undefined || holds(schema[keyword] as never)
      ? []
      : [`${at}: ${keyword} ${JSON.stringify(schema[keyword])}, not ${JSON.stringify(value)}`];
  const one = schema as {
    readonly $ref?: string;
    readonly oneOf?: readonly Schema[];
    readonly items?: Schema;
    readonly properties?: Readonly<Record<string, Schema>>;
  };
  const found = [
    ...is('const', (wanted) => value === wanted),
    ...is('enum', (wanted: readonly unknown[]) => wanted.includes(value)),
    ...is('type', (wanted: string | readonly string[]) => [wanted].flat().includes(typeOf(value))),
    ...is('pattern', (wanted: string) => typeof value !== 'string' || new RegExp(wanted, 'u').test(value)),
    ...is('minimum', (wanted: number) => typeof value !== 'number' || value >= wanted),
  ];
  if (one.$ref !== undefined) found.push(...faults(value, definition(one.$ref), at));
  if (one.oneOf !== undefined) {
    const each = one.oneOf.map((choice) => faults(value, choice, at));
    const fits = each.filter((wrong) => wrong.length === 0).length;
    // What comes nearest tells most.
    if (fits !== 1)
      found.push(...(each.toSorted((a, b) => a.length - b.length)[0] ?? []), `${at}: ${fits} of oneOf fit`);
  }
  if (one.items !== undefined && Array.isArray(value)) {
    const { items } = one;
    found.push(...value.flatMap((item, index) => faults(item, items, `${at}[${index}]`)));
  }
  if (one.properties !== undefined && typeOf(value) === 'object') found.push(...ofObject(value as object, schema, at));
  return found;
}

function ofObject(value: object, schema: Schema, at: string): string[] {
  const properties = schema['properties'] as Readonly<Record<string, Schema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}: ${name} is missing`);
  return Object.entries(value).reduce((found, [name, one]) => {
    const property = properties[name];
    return [
      ...found,
      ...(property === undefined ? [`${at}: ${name} is unknown`] : faults(one, property, `${at}.${name}`)),
    ];
  }, missing);
}

function definition(ref: string): Schema {
  const found = $defs[ref.replace('#/$defs/', '')];
  if (found === undefined) throw new Error(`there is no ${ref}`);
  return found;
}

/** The kinds that there are, and what each has for certain. */
export const kinds: ReadonlyMap<string, readonly string[]> = new Map(
  (root['oneOf'] as readonly { $ref: string }[]).map(({ $ref }) => [
    $ref.replace('#/$defs/', ''),
    (definition($ref)['required'] ?? []) as readonly string[],
  ]),
);
