/** What a person does about itself and about the room: /nick, /topic and the like, on every face. */
import type { Command } from '../core/command.ts';
import type { FacePeer } from './face.ts';
import { clean } from './screen.ts';
import { dayOf, timeOf } from './time.ts';

type ConductCommand = Extract<Command, { readonly kind: 'nick' | 'topic' | 'away' | 'back' | 'handover' }>;

/**
 * Does it. That it is done, the room tells everybody; the rest is the answer, '' when there is none.
 * @throws ChatError when it cannot be done
 */
export function conduct(peer: FacePeer, command: ConductCommand): string {
  switch (command.kind) {
    case 'nick':
      peer.nick(command.name);
      return '';
    case 'topic':
      if (command.text === '') return topicLine(peer);
      peer.setTopic(command.text);
      return '';
    case 'away':
      peer.away(command.text);
      return '';
    case 'back':
      peer.back();
      return '';
    case 'handover':
      peer.handOver();
      return '';
  }
}

function topicLine({ topic }: FacePeer): string {
  if (topic === undefined) return 'nobody has said what this room is about: /topic and a text does';
  return `the topic is: ${clean(topic.text)} (${clean(topic.by)}, ${dayOf(topic.time)} ${timeOf(topic.time)})`;
}
