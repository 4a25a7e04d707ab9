/** mosquitto, open to everybody, without Nagle's delay and without a bound on what waits. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mqttCodec } from '../codecs/mqtt.ts';
import { installed, type System } from './system.ts';

export const mosquitto: System = {
  name: 'mosquitto',
  note: 'MQTT 3.1.1, QoS 0; max_queued_messages 0, set_tcp_nodelay true; one write for each line and receiver',
  command(port, folder) {
    const program = installed('mosquitto');
    if (program === undefined) return undefined;
    const path = join(folder, 'mosquitto.conf');
    const settings = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'max_queued_messages 0',
      'set_tcp_nodelay true',
      'log_type none',
      'persistence false',
    ];
    writeFileSync(path, `${settings.join('\n')}\n`);
    return [program, '-c', path];
  },
  codec: mqttCodec,
};
