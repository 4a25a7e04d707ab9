/** Whether rooms on the network are heard here, and with that whether others would hear this machine. */
import { defaultBeaconPort } from '../io/beacon.ts';
import { foundRoom, Lookout, whyNobody } from '../lookout.ts';
import type { Check, Finding } from './finding.ts';

const check = 'discovery';

export const nearby: Check = async ({ settings }) => {
  const { discovery, discoveryPort: port = defaultBeaconPort, interface: interfaces = [], plain = false } = settings;
  if (discovery === false) return [{ check, state: 'ok', found: 'it is switched off: nobody finds this machine' }];
  const told: string[] = [];
  const lookout = new Lookout({ port }, interfaces, {
    presence: () => undefined,
    hint: () => {},
    tell: (message) => void told.push(message),
  });
  try {
    const rooms = await lookout.look({ kind: plain ? 'plain' : 'open', tags: new Map(), kept: false });
    const faults = told.map((found): Finding => ({ check, state: 'warn', found }));
    const heard = rooms.map(foundRoom).map(({ addresses }) => addresses);
    if (heard.length > 0) {
      const [[first = ''] = []] = heard;
      const places = heard.map((addresses) => `at ${addresses.slice(0, 3).join(' or ')}`).join('; ');
      const found = heard.length === 1 ? `a room is heard ${places}` : `${heard.length} rooms are heard: ${places}`;
      const fix = settings.join === undefined ? { fix: `groupchat doctor --join ${first} looks into it` } : {};
      return [...faults, { check, state: 'ok', found, ...fix }];
    }
    const why = whyNobody(lookout);
    const nobody = `no room is heard at port ${port} (UDP)`;
    const fix = `if one is there, let UDP port ${port} in on both machines, or give --join HOST:PORT`;
    return [...faults, { check, state: 'ok', found: why === undefined ? nobody : `${nobody}: ${why}`, fix }];
  } finally {
    lookout.close();
  }
};
