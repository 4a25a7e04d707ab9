/** A peer without encryption, over the library: `node plainly.js PORT FOLDER`. */
import { Pipe } from '../../src/face/pipe.ts';
import { Peer } from '../../src/index.ts';

const [, , port = '', dataDir = ''] = process.argv;
const peer = new Peer({ name: 'coordinator', listen: `127.0.0.1:${port}`, dataDir, plain: true });
const { stdin: input, stdout: output } = process;
const face = new Pipe({ peer, input, output, complain: (line) => console.error(line) });
process.on('SIGTERM', () => face.leave());
await peer.start();
await face.done;
process.exit();
