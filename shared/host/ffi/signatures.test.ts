import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';

const modules = readdirSync(import.meta.dirname).filter(
  name => name.endsWith('.ts') && !name.endsWith('.test.ts'),
);

// node:ffi refuses a second signature of one function, and an appliance loads nearly all of these.
it('all modules can be loaded into one process: no two have different signatures of one function', async () => {
  const loaded = await Promise.all(modules.map(name => import(`./${name}`) as Promise<object>));
  expect(loaded.length).toBeGreaterThan(20);
});
