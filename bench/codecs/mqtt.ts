/** MQTT 3.1.1 with QoS 0: `type | remaining length (1 to 4 bytes, seven bits in each) | rest`. */
import { repeated, textBytes, type Codec, type Role } from './codec.ts';

const topic = '\u0000\u0005bench';
const packets = { connack: 2, publish: 3, suback: 9 };
let clients = 0;

/** A packet of at most 127 bytes behind its length. */
function packet(first: number, rest: string): string {
  return String.fromCharCode(first, rest.length) + rest;
}

export function mqttCodec(role: Role): Codec {
  const id = `b${++clients}`;
  // Level 4, a clean session, and no keep-alive.
  const hello = `\u0000\u0004MQTT\u0004\u0002\u0000\u0000${String.fromCharCode(0, id.length)}${id}`;
  return {
    opening: () => packet(0x10, hello),
    lines: repeated((text) => packet(0x30, topic + text)),
    read(bytes, ear) {
      let at = 0;
      for (;;) {
        let length = 0;
        let index = at + 1;
        for (let shift = 0; ; shift += 7) {
          const byte = bytes[index++];
          if (byte === undefined) return at;
          length += (byte & 0x7f) << shift;
          if (byte < 0x80) break;
        }
        const end = index + length;
        if (end > bytes.length) return at;
        const type = (bytes[at] as number) >> 4;
        if (type === packets.publish) ear.line(bytes, end - textBytes);
        else if (type === packets.connack) {
          if (bytes[end - 1] !== 0) throw new Error(`the connection is refused with code ${bytes[end - 1]}`);
          if (role === 'sender') ear.ready();
          else ear.answer(packet(0x82, `\u0000\u0001${topic}\u0000`));
        } else if (type === packets.suback) ear.ready();
        at = end;
      }
    },
  };
}
