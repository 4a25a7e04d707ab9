/** The library: a peer, what it tells, and what can go wrong. */
export { Peer, type PeerEvents, type Topic } from './peer.ts';
export type { Discovery, PeerOptions } from './options.ts';
export type { FoundRoom } from './lookout.ts';
export type { KnownPlace, Place, Whence } from './core/places.ts';
export type { Event, Healing, Line, PrivateMessage } from './core/step.ts';
export type { Position, Why } from './core/entry.ts';
export type { Member, PeerId } from './core/view.ts';
export type { Notice } from './core/meeting.ts';
export type { Moderation } from './core/moderation.ts';
export type { Pin } from './core/pins.ts';
export type { Acquaintance, Comparison } from './core/whois.ts';
export { ChatError, type ChatCode, type ProtocolCode, type WarningCode } from './core/errors.ts';
export { limits, settings } from './core/limits.ts';
export { formatInvite, parseInvite, type Invite } from './core/invite.ts';
