import { cString } from './c-string.ts';
import { checkResult, processLibrary } from './library.ts';

const sethostname = processLibrary.getFunction('sethostname', {
  arguments: ['pointer', 'u64'],
  return: 'i32',
});

/** sethostname(2). @throws SystemCallError */
export function setHostname(name: string): void {
  const text = cString(name);
  checkResult(sethostname(text, BigInt(text.length - 1)), 'sethostname', name);
}
