import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../cli/repository.ts';

export type Acceleration = 'kvm' | 'tcg';

// A kernel under working KVM says its first word in well under a second.
const TRIAL_TIMEOUT_MS = 5_000;

/**
 * 'kvm' only where a trial boot under it got as far as the kernel's first line: a present /dev/kvm may hang or fail.
 * The answer holds until this machine is next started.
 */
export async function findAcceleration(qemu: string, kernel: string): Promise<Acceleration> {
  if (!mayOpen('/dev/kvm')) return 'tcg';
  const folder = join(repositoryRoot, '.cache');
  const noteFile = join(folder, 'acceleration.json');
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  const noted = readNote(noteFile);
  if (noted?.bootId === bootId) return noted.acceleration;
  const acceleration = (await trialBoot(qemu, kernel)) ? 'kvm' : 'tcg';
  mkdirSync(folder, { recursive: true });
  writeFileSync(noteFile, JSON.stringify({ bootId, acceleration }));
  return acceleration;
}

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readNote(path: string): { bootId: string; acceleration: Acceleration } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { bootId: string; acceleration: Acceleration };
  } catch {
    return undefined;
  }
}

function trialBoot(qemu: string, kernel: string): Promise<boolean> {
  const args = [
    '-M',
    'q35',
    '-accel',
    'kvm',
    '-cpu',
    'host',
    '-m',
    '128',
    '-display',
    'none',
    '-monitor',
    'none',
  ];
  const trial = spawn(
    qemu,
    [...args, '-serial', 'stdio', '-no-reboot', '-kernel', kernel, '-append', 'console=ttyS0'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return new Promise(resolve => {
    let output = '';
    const finish = (works: boolean): void => {
      clearTimeout(timer);
      trial.kill('SIGKILL');
      resolve(works);
    };
    const timer = setTimeout(() => finish(false), TRIAL_TIMEOUT_MS);
    trial.stdout.on('data', chunk => {
      output += String(chunk);
      if (output.includes('Linux version')) finish(true);
    });
    trial.on('error', () => finish(false));
    trial.on('exit', () => finish(output.includes('Linux version')));
  });
}
