/**
 * What is answered to a command that means the same wherever it is typed: the peer is asked, or does it, and what comes of
 * that is put into words. How they are shown is for each face to say.
 */
import { helpLines, type Command } from '../core/command.ts';
import { ChatError } from '../core/errors.ts';
import { statusLines, whoLines } from './answers.ts';
import { exportTo, find, type Found } from './archive.ts';
import { conduct } from './conduct.ts';
import type { FacePeer } from './face.ts';
import { moderate } from './moderation.ts';
import { addLine, peersLines } from './peers.ts';
import { answerAbout } from './people.ts';
import { seenLine } from './receipt.ts';

/** Commands that each face obeys in its own way, or not at all. */
type Own =
  | 'say'
  | 'nothing'
  | 'msg'
  | 'r'
  | 'talk'
  | 'bell'
  | 'quiet'
  | 'theme'
  | 'clear'
  | 'invite'
  | 'quit'
  | 'unknown'
  | 'spaced'
  | 'misused';

export type Reply =
  /** What was asked for. */
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'found'; readonly found: Found }
  /** What was done; '' where that shows by itself. */
  | { readonly kind: 'done'; readonly text: string }
  /** Why not. `undone`: something was to be done, and the message does not say so. */
  | { readonly kind: 'fault'; readonly undone: boolean; readonly message: string };

export interface Asked {
  /** The number of the line that was said last. */
  readonly said: number | undefined;
  /** The time of day, ms since 1970. */
  readonly now: number;
}

export function replyTo(
  peer: FacePeer,
  command: Exclude<Command, { kind: Own }>,
  { said, now }: Asked,
): Reply | Promise<Reply> {
  switch (command.kind) {
    case 'help':
      return told(helpLines(command.about));
    case 'who':
      return told(whoLines(peer));
    case 'status':
      return told(statusLines(peer));
    case 'seen':
      return told([seenLine(peer, said)]);
    case 'peers':
      return peersLines(peer).then(told);
    case 'history':
    case 'search':
      return { kind: 'found', found: find(peer, command, now) };
    case 'whois':
    case 'verify':
    case 'accept':
      return unless(false, () => told(answerAbout(peer, command)));
    case 'kick':
    case 'ban':
    case 'unban':
    case 'op':
    case 'deop':
    case 'rekey':
    case 'ignore':
    case 'unignore':
      return unless(true, () => did(moderate(peer, command)));
    case 'nick':
    case 'topic':
    case 'away':
    case 'back':
    case 'handover':
      return unless(true, () => did(conduct(peer, command)));
    case 'add':
      return addLine(peer, command.address).then(did, failed('nothing was added: '));
    case 'export':
      return exportTo(peer, command, now).then(did, failed('nothing was exported: '));
  }
}

const told = (lines: readonly string[]): Reply => ({ kind: 'lines', lines });
const did = (text: string): Reply => ({ kind: 'done', text });

function unless(undone: boolean, deed: () => Reply): Reply {
  try {
    return deed();
  } catch (error) {
    return failed('', undone)(error);
  }
}

/** @throws what is no fault of the person here */
function failed(what: string, undone = false): (error: unknown) => Reply {
  return (error) => {
    if (!(error instanceof ChatError)) throw error;
    return { kind: 'fault', undone, message: what + error.message };
  };
}
