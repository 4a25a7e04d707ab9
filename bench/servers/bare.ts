/** What both ends of a bare link of node:tls with an external PSK know: TLS as we use it, and nothing else. */
import type { SecureContextOptions } from 'node:tls';

export const bareOptions: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
};
export const barePsk = { identity: 'bench', psk: Buffer.alloc(32, 0xbe) };
