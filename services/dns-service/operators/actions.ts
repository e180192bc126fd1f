import * as z from 'zod';
import type { Administration, ServiceAction } from '../../../shared/appliance/administration.ts';
import { err, ok, type Result } from '../../../shared/base/result.ts';
import { parseName } from '../../../shared/protocols/dns/name.ts';
import type { Events } from '../events.ts';
import { keyRows } from '../zones/key-rows.ts';
import { nearestZone } from '../zones/nearest-zone.ts';
import { parentRecords } from '../zones/parent-records.ts';
import type { ZoneKeeper } from '../zones/zone-keeper.ts';
import { changeRecords } from './change-records.ts';
import { rollKeys } from './roll-keys.ts';

/** All zones, as they are at the moment. */
export interface ZoneSource {
  readonly list: readonly ZoneKeeper[];
}

const zoneInput = z.strictObject({ zone: z.string() });
const rollInput = z.strictObject({ zone: z.string(), role: z.enum(['csk', 'ksk', 'zsk']) });
const changeInput = z.strictObject({
  /** Without it, the zone that the name is in. */
  zone: z.string().optional(),
  action: z.enum(['set', 'unset']),
  name: z.string(),
  type: z.string().optional(),
  values: z.array(z.string()).default([]),
  ttl: z.string().optional(),
});

/** What `lares zone` and the page of records ask of the running service. Whatever changes something is answered by what was done (`said`). */
export function zoneActions(zones: ZoneSource, events: Events): Administration['actions'] {
  return {
    'zone-keys': action(zoneInput, async ({ zone }) =>
      inZone(zones, zone, async found => ok({ rows: keyRows(found) })),
    ),
    'zone-ds': action(zoneInput, async ({ zone }) =>
      inZone(zones, zone, async found => ok({ records: parentRecords(found) })),
    ),
    'zone-roll': action(rollInput, async ({ zone, role }, operator) =>
      inZone(zones, zone, async found => {
        const rolled = await rollKeys(found, role);
        if (!rolled.ok) return rolled;
        events.rolledByOperator(found, role, operator);
        return said(`${found.configuration.name}: the roll has begun; next: ${rolled.value}`);
      }),
    ),
    'zone-sign': action(zoneInput, async ({ zone }) =>
      inZone(zones, zone, async found => {
        if (found.signer === undefined) return err(`${found.configuration.name} is not signed here`);
        await found.renew('all');
        events.signed(found);
        return said(`${found.configuration.name} is signed anew, serial ${found.serial}`);
      }),
    ),
    'zone-change': action(changeInput, async ({ zone, ...written }, operator) =>
      inZone(zones, zone ?? written.name, async found => {
        const changed = await changeRecords(found, written);
        if (!changed.ok) return changed;
        const { name } = found.configuration;
        if (!changed.value) return said(`${name} has it so already, serial ${found.serial}`);
        events.changedByOperator(found, operator);
        return said(`${name} has it, serial ${found.serial}`);
      }),
    ),
  };
}

function said(text: string): Result<{ readonly said: string }, never> {
  return ok({ said: text });
}

/** An action whose input has that form. */
function action<T>(
  form: z.ZodType<T>,
  run: (input: T, operator: string) => Promise<Result<unknown, string>>,
): ServiceAction {
  return async (input, operator) => {
    const read = form.safeParse(input);
    return read.success ? run(read.data, operator) : err(z.prettifyError(read.error));
  };
}

async function inZone(
  { list }: ZoneSource,
  text: string,
  run: (zone: ZoneKeeper) => Promise<Result<unknown, string>>,
): Promise<Result<unknown, string>> {
  const name = parseName(text);
  const found = name.ok ? nearestZone(name.value, list) : undefined;
  if (found !== undefined) return run(found);
  const names = list.map(({ configuration }) => configuration.name).join(', ') || 'none';
  return err(`this server has no zone that ${JSON.stringify(text)} is in; its zones: ${names}`);
}
