import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationSchemaText } from './configuration-schema.ts';
import { serviceNames } from './services.ts';

describe('configs/*.schema.json', () => {
  it.each(serviceNames)('%s is what `npm run lares -- config schema` writes', service => {
    const written = readFileSync(new URL(`../../configs/${service}.schema.json`, import.meta.url), 'utf8');
    expect(written).toBe(configurationSchemaText(service));
  });
});
