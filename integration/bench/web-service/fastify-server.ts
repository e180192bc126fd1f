/** npm's static server for Node: @fastify/static as its documentation has it. Prints its ports as JSON. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import fastifyStatic from '@fastify/static';
import fastify from 'fastify';

const [root = '', certificate = '', key = ''] = process.argv.slice(2);
const secure = { cert: readFileSync(certificate), key: readFileSync(key) };

const plain = fastify();
await plain.register(fastifyStatic, { root });
await plain.listen({ host: '127.0.0.1', port: 0 });

const h2 = fastify({ http2: true, https: { ...secure, allowHTTP1: true } });
await h2.register(fastifyStatic, { root });
await h2.listen({ host: '127.0.0.1', port: 0 });

const portOf = ({ server }: { server: { address(): unknown } }): number =>
  (server.address() as AddressInfo).port;
console.log(JSON.stringify({ plain: portOf(plain), secure: portOf(h2) }));
