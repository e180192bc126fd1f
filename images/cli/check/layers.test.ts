import { describe, expect, it } from 'vitest';
import { findImports } from './imports.ts';
import { checkLayers } from './layers.ts';

const problemsOf = (path: string, text: string): string[] => checkLayers([{ path, text }]);

describe('checkLayers()', () => {
  it('refuses a service that imports another, with the reason', () => {
    const [problem] = problemsOf(
      'services/dns-service/service.ts',
      "import { site } from '../web-service/site.ts';\n",
    );
    expect(problem).toContain("services/dns-service/service.ts:1: imports '../web-service/site.ts'");
    expect(problem).toContain('no service imports a service');
  });

  it('refuses a composition root that imports another service', () => {
    expect(problemsOf('services/dns-service/main.ts', "import '../web-service/service.ts';")).toHaveLength(1);
  });

  it('refuses a protocol that imports node:net, with the reason', () => {
    const [problem] = problemsOf(
      'shared/protocols/dns/message.ts',
      "\nimport { connect } from 'node:net';\n",
    );
    expect(problem).toContain("shared/protocols/dns/message.ts:2: imports 'node:net'");
    expect(problem).toContain('a core is pure');
  });

  it('sees types, re-exports, multi-line and dynamic imports', () => {
    const text = `
      import type { A } from '../../host/a.ts';
      export { b } from '../../host/b.ts';
      import {
        c,
      } from '../../host/c.ts';
      const d = await import('../../host/d.ts');
      // import { e } from '../../host/e.ts';
      /* import { f } from '../../host/f.ts'; */
    `;
    expect(findImports(text).map(found => found.specifier.at(-4))).toEqual(['a', 'b', 'c', 'd']);
    expect(problemsOf('shared/protocols/x/y.ts', text)).toHaveLength(4);
  });

  it('keeps node:ffi in shared/host/ffi', () => {
    const text = "import { dlopen } from 'node:ffi';";
    expect(problemsOf('shared/host/udp.ts', text)[0]).toContain('only shared/host/ffi touches node:ffi');
    expect(problemsOf('shared/machine/mounts.ts', text)).toHaveLength(1);
    expect(problemsOf('shared/host/ffi/udp.ts', text)).toEqual([]);
  });

  it('refuses I/O modules above the devices and npm packages below them', () => {
    expect(
      problemsOf('services/web-service/service.ts', "import { readFile } from 'node:fs/promises';"),
    ).toHaveLength(1);
    expect(problemsOf('shared/components/x/y.ts', "import { connect } from 'node:tls';")).toHaveLength(1);
    expect(problemsOf('shared/protocols/x/y.ts', "import { z } from 'zod';")).toHaveLength(1);
  });

  it('lets what tests share give out arbitraries, and nothing else', () => {
    const text = "import fc from 'fast-check';";
    expect(problemsOf('shared/protocols/x/testing/y.ts', text)).toEqual([]);
    expect(problemsOf('shared/protocols/x/y.ts', text)).toHaveLength(1);
    expect(problemsOf('shared/protocols/x/testing/y.ts', "import { z } from 'zod';")).toHaveLength(1);
  });

  it('allows what points down', () => {
    const text = `
      import { ok } from '../../shared/base/result.ts';
      import type { Clock } from '../../shared/devices/clock.ts';
      import { createServer } from 'node:http';
      import { z } from 'zod';
      import { site } from './site.ts';
    `;
    expect(problemsOf('services/web-service/service.ts', text)).toEqual([]);
  });

  it('refuses a file in no known folder', () => {
    expect(problemsOf('utilities/x.ts', '')[0]).toContain('belongs to no layer');
  });
});
