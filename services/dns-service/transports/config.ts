import * as z from 'zod';
import { listenPort } from '../../../shared/appliance/configuration/listening.ts';

/** More than one machine is called. */
const SERVER_NAMES_MAX = 20;

/** The keys of the `[dns-service]` table about encrypted transports. */
export const transportKeys = {
  'server-names': z
    .array(
      z
        .string()
        .max(253)
        .regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/),
    )
    .max(SERVER_NAMES_MAX)
    .default([])
    .meta({
      description:
        'what this server is called, in lower case: with a name it has a certificate, and answers by DNS over TLS and HTTPS too',
      examples: [['ns1.example.org']],
    }),
  'tls-port': listenPort
    .default(853)
    .meta({ description: 'the port for DNS over TLS; 0 picks a free one', examples: [853] }),
  'https-port': listenPort
    .default(443)
    .meta({ description: 'the port for DNS over HTTPS; 0 picks a free one', examples: [443] }),
};
