import { checkResult, processLibrary } from './library.ts';

/** Linux uapi linux/reboot.h. */
const COMMAND = { restart: 0x01234567, powerOff: 0x4321fedc, ctrlAltDelToInit: 0x00000000 } as const;

const { reboot, sync } = processLibrary.getFunctions({
  // glibc's parameter is an int; the commands are written as their bit patterns.
  reboot: { arguments: ['u32'], return: 'i32' },
  sync: { arguments: [], return: 'void' },
});

/** Writes every cached block to the disks; returns when they have it. */
export function syncDisks(): void {
  sync();
}

/** reboot(2) at once, without sync. Never returns where it is allowed. @throws SystemCallError */
export function stopMachine(how: 'restart' | 'powerOff'): void {
  checkResult(reboot(COMMAND[how]), 'reboot', how);
}

/** Ctrl-Alt-Del sends SIGINT to PID 1 instead of restarting the machine at once. @throws SystemCallError */
export function routeCtrlAltDelToInit(): void {
  checkResult(reboot(COMMAND.ctrlAltDelToInit), 'reboot', 'ctrl-alt-del');
}
