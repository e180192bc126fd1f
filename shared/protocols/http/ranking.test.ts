import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Ranking } from './ranking.ts';

interface Item {
  rank: number;
  weight: number;
}

it('Ranking: the lightest stands first, whoever comes, changes or goes', () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'change', 'remove'),
    index: fc.nat({ max: 30 }),
    weight: fc.nat({ max: 50 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), steps => {
      const ranking = new Ranking<Item>((left, right) => left.weight < right.weight);
      const items: Item[] = [];
      for (const { kind, index, weight } of steps) {
        const item = items[index];
        if (kind === 'add') {
          const added = { rank: -1, weight };
          items.push(added);
          ranking.add(added);
        } else if (item !== undefined && kind === 'change') {
          const isLighter = weight < item.weight;
          item.weight = weight;
          if (isLighter) ranking.rise(item);
          else ranking.sink(item);
        } else if (item !== undefined) {
          items.splice(index, 1);
          ranking.remove(item);
        }
        expect(ranking.first?.weight).toBe(
          items.length === 0 ? undefined : Math.min(...items.map(one => one.weight)),
        );
      }
    }),
  );
});
