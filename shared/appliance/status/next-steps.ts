import type { ApplianceConfiguration } from '../configuration/schema.ts';
import type { NextStep } from './report.ts';

/** What the owner of a fresh appliance has not done yet, most useful first. */
export function nextStepsOf(configuration: ApplianceConfiguration, faults: readonly string[]): NextStep[] {
  const steps: NextStep[] = [];
  if (faults.length > 0)
    steps.push({
      title: 'Correct the configuration',
      how: 'Edit the lines named above, check with `lares config check FILE`, and start again.',
    });
  if (configuration.operator.keys.length === 1)
    steps.push({
      title: 'Let a second person in',
      how: 'Have them run `lares keys create`, and put the line that it prints under `[operator] keys`, beside yours.',
    });
  if (configuration.alerts.length === 0)
    steps.push({
      title: 'Be told when something breaks',
      how: 'Add `[[alerts]]` with the `url` of a web hook to the configuration.',
    });
  if (configuration.syslog === undefined)
    steps.push({
      title: 'Keep the log elsewhere too',
      how: 'Add `[syslog]` with `to = "tls://host:6514"`. What is kept here goes with this disk.',
    });
  return steps;
}
