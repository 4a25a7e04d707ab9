/** The systems, in the order in which they are measured and reported. */
import { copier } from './copier.ts';
import { groupchat, plain } from './groupchat.ts';
import { mosquitto } from './mosquitto.ts';
import { nats } from './nats.ts';
import { ngircd } from './ngircd.ts';
import type { System } from './system.ts';

export const systems: readonly System[] = [copier, groupchat, plain, nats, ngircd, mosquitto];
