import type { Content } from '../devices/content.ts';
import { DeviceError } from '../devices/device-error.ts';

/** Content from memory: full paths (`/content/site/index.html`) and their bytes. */
export function createSimulatedContent(files: ReadonlyMap<string, Uint8Array> = new Map()): Content {
  return {
    async list(folder) {
      const prefix = `${folder}/`;
      const entries = [...files]
        .filter(([path]) => path.startsWith(prefix))
        .map(([path, bytes]) => ({ path: path.slice(prefix.length), sizeBytes: bytes.length }));
      if (entries.length === 0) throw new DeviceError('not-found', `${folder} is not there`);
      return entries.sort((left, right) => (left.path < right.path ? -1 : 1));
    },
    async read(folder, path) {
      const bytes = files.get(`${folder}/${path}`);
      if (bytes === undefined) throw new DeviceError('not-found', `${folder}/${path} is not there`);
      return Uint8Array.from(bytes);
    },
  };
}
