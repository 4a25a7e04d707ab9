/**
 * Every bound of the group protocol, with its unit last in its name and the reason for its number.
 * A peer that meets more than a bound allows closes that one link with a code; nothing is allocated first.
 */
export const limits = {
  /** Version of the wire format: `auth` carries it, and peers of different versions refuse each other. */
  wireVersion: 3,

  /** A header is three fields of this width: sender id, type, body length. */
  fieldBytes: 10,
  headerBytes: 30,
  /** The longest body: a snapshot of the largest view and of all authors fits. */
  bodyBytesMax: 1 << 20,
  /** The longest body that a coordinator takes of a member: a private message of `lineBytesMax`, sealed, in base64url. */
  memberBodyBytesMax: 24 * 1024,
  /** The longest body before `auth` is accepted: a stranger may make us hold this much and no more. */
  strangerBodyBytesMax: 1 << 15,

  /** One line of chat, in bytes of UTF-8. */
  lineBytesMax: 1 << 14,
  /** A line as it is typed, in bytes: one of chat, and a command and a name in front. */
  typedBytesMax: (1 << 14) + 1024,
  /** How many typed lines are kept between runs, as a shell keeps them, and how long they may be together, in bytes. */
  keptLinesMax: 500,
  keptBytesMax: 1 << 17,
  /** Epochs, seqs, counts: a room that makes a million of each a second reaches this after nine years. */
  countMax: 2 ** 48,
  /** A reign's number may leap by this much: both halves of a cut room count their own. */
  epochLeapMax: 1_000_000,
  /** Whoever coordinates keeps out what somebody says so many times, and is told nothing more: each is once more on other screens. */
  robbedMax: 3,
  /** So many addresses of a member are spared at a besieged door: one of each family. */
  hostsMax: 2,
  /** So far apart the clocks of two people may be for a kick to count that was signed before the start of whom it puts out. */
  kickSkewMs: 600_000,
  /** An author's number may leap by this much: what was said apart, and lost with all who heard it. */
  lineLeapMax: 1_000_000,
  /** The latest time of day that a Date can hold, ms since 1970 (ECMA-262, 21.4.1.1). */
  timeMax: 8.64e15,
  /** A name, in graphemes (what a person counts) and in bytes (what a machine must hold). */
  nameGraphemesMax: 32,
  nameBytesMax: 256,
  /** As many marks on one letter as real writing needs. */
  marksMax: 6,
  /** Names whose keys are kept: those of all members, and of as many newcomers; half a megabyte or so. */
  nameKeysMax: 2000,
  /** Addresses that one member may offer: a laptop with VPN and containers has six or so. */
  addressesMax: 8,
  addressBytesMax: 64,
  membersMax: 1000,
  /** The members of a view as JSON, in bytes: what makes a snapshot long besides the authors. */
  viewBytesMax: 576 * 1024,
  /** Epochs that `auth` recites, the latest ones: enough to find where two halves of a room parted. */
  lineageMax: 64,
  /** Authors whose last number is remembered; members of the view are never forgotten. */
  authorsMax: 5000,

  /** Who an author is, in front of a line said apart: a name and two keys. */
  personBytesMax: 256 + 2 * 44,
  /** A number, a point and a signature. */
  coverBytesMax: 16 + 1 + 86,
  /** What stands in front of a text that is hashed: the hash before, the author, two numbers, a word and spaces. */
  linkBytesMax: 43 + 10 + 2 * 16 + 4 + 5,
  /** How many lines one signature covers at most, and how often an author signs, ms: a burst costs a few signatures. */
  coverLinesMax: 256,
  /** ... and how much text: what is not signed yet is in memory at everybody's. */
  coverCharsMax: 1 << 16,
  coverMs: 100,
  /** A line that no signature covers by then is told of, ms. */
  uncoveredMs: 5000,
  /** Authors with lines that no signature covers yet: all members, so that nobody who is here is forgotten; 80 MB at most. */
  rangesMax: 1000,
  /** So many signatures are checked in one turn: two milliseconds of work. */
  checksMax: 16,
  /** Signatures that wait to be checked: a history of as many bursts; and of what they cover, UTF-16 code units. */
  checksWaitingMax: 100_000,
  checksCharsMax: 1 << 25,
  /** What a member may say each second: lines (a log of everything that happens fits), and bytes; twice of it after a rest. */
  memberLinesPerS: 50_000,
  memberBytesPerS: 1 << 24,
  /**
   * How many signatures it may bring that are new here; twice of it after a rest. One takes 0.13 ms to check: an eighth of
   * a core, and twice that where a coordinator looks again at what is shown. Who says all that it may signs 470 times: 10
   * for being a burst, 205 at 256 lines each or 256 at 64 KiB.
   */
  memberCoversPerS: 1000,
  /** Whoever says more than that for so long is let go, ms. */
  floodMs: 60_000,
  /** How many of those that a member carries may come from one address. */
  addressRelaysMax: 8,
  /** The acts behind the rules of a room (rules.ts): as many people may be banned, or ops. 280 bytes each in a snapshot. */
  actsMax: 512,
  /** So many of them may be one op's: nobody but the founder leaves the others no room. */
  opActsMax: 128,
  /** The latest time of an op's act, ms since 1970: the founder's can always be later. */
  opTimeMax: 4.32e15,
  /** The longest act: `unban`, a space and a key. */
  actChars: 6 + 43,
  /** Acts that are known to be signed, or not: two snapshots full. */
  actsKnownMax: 1400,
  /** A topic, and what somebody says who is away: so many characters that a person counts, and bytes. */
  noteGraphemesMax: 200,
  noteBytesMax: 400,
  /** The topic, and how many may be away; in a snapshot, bytes: what is left there beside all else, for 128 short ones. */
  notesMax: 128,
  notesBytesMax: 36 * 1024,
  /** After a room's key was changed, members still come in with the former one for so long, ms: a link that broke. */
  rekeyMs: 10_000,
  /** So many names a member may ask for at once, and then one in this time, ms: each is told to everybody. */
  asksMax: 3,
  nameAskMs: 5000,
  /** A name is held through a drop for whoever had it, ms. */
  nameHeldMs: 60_000,

  /** Links that have not said `auth` yet. Above it the oldest is cut, so silent ones cannot bar the door. */
  strangersMax: 256,
  /** Newcomers that wait for a regroup to end. Members of the view always may. */
  waitingMax: 256,
  /** How long an accepted link may take to say `auth`, ms. */
  strangerMs: 3000,
  /** At most one warning in this time, ms: junk on the port must not fill a screen. */
  warningMs: 1000,
  /** How long a newcomer waits for an address to answer, ms: two round trips over a bad radio link. */
  joinMs: 3000,
  /** How long it waits where it was sent on to, ms, before it asks to be taken through. */
  hopMs: 1000,
  /** How long a peer that has said `auth` waits for its `welcome`, ms, on top of what a regroup may take: a fetch. */
  welcomeMs: 500,
  /** How long a newcomer follows `electing` before it gives up, ms. */
  electingMs: 10_000,
  /** At so many known addresses a room is looked for that was kept. */
  comeBackMax: 16,
  /** Where all look for it, the earliest-joined goes on alone after this time, ms, and each one behind it so much later. */
  comeBackMs: 150,
  /** Redirects in a row before another known member is tried. */
  hopsMax: 4,
  /** How often a peer asks again where it is not let in, or sent on in vain: the waits add up to a second or two. */
  attemptsMax: 6,
  /**
   * One that hangs up before a word may be beset by others: it is dialled again so often (the waits add up to 350 ms at
   * most, as long as a regroup awaits), and a suspect after so many ms.
   */
  hangUpsMax: 3,
  hangUpMs: 50,
  /** How long one who was sent to the coordinator may take to hang up, or to ask to be taken through, ms. */
  sentAwayMs: 500,
  /** Where nobody answered is out of reach for so long, ms; and so often one who is carried tries the straight way. */
  missedMs: 5000,
  /** How many are named of those who lack a line. */
  lackMax: 64,
  /** How many a member carries to the coordinator at once. */
  relaysMax: 16,

  /** Survivors are awaited this long before the new coordinator goes on without them, ms. */
  regroupMs: 300,
  /** Suffixes are fetched for so long, ms, of however many survivors: the room waits. */
  fetchesMs: 900,
  /** A failed attempt doubles the random backoff up to this, ms (the report's own is 0 to 5 s). */
  backoffMsMax: 5000,
  /** A departing coordinator waits this long for its successor, and then for the rest, to take what it has, ms. */
  handoverMs: 1000,
  /** A departing peer waits this long for its last lines to be acknowledged, ms. */
  leaveMs: 5000,
  /** So many silences pass before it is told who cannot be reached, while others can. */
  patience: 5,
  /** Lost members are called this often (ten of them, or fewer: more share the time), ms; after ten minutes rarely. */
  callMs: 500,
  callOftenMs: 600_000,
  callMsMax: 30_000,
  /** Where another room listens by now, each call waits twice as long as the one before, and at most this, ms. */
  strangersMsMax: 600_000,
  /** From the parting of two parts until both have noticed it, ms: silences, calls, and a sleep that ends. */
  partingMs: 10_000,
  /** So often two parts of about one size each find that they stay, before the lower id decides. */
  staysMax: 4,
  /** A part that has yielded to one whom nobody can dial does not again for so long, ms. */
  vainMs: 60_000,
  /** How long after its start a peer may not know who others were, ms. */
  unsureMs: 60_000,
  /** They are called for 24 h, ms, and no more of them than this. */
  lostMs: 86_400_000,
  lostMax: 256,

  /** A segment of the log. A slice given to a socket never crosses one, so this also bounds one write. */
  segmentBytes: 1 << 16,
  /** The log beyond the history that newcomers get: how far behind a slow member may fall, in bytes. */
  slackBytesMax: 1 << 23,
  /** The log in whole: history is trimmed above it, however few entries it is. */
  logBytesMax: 1 << 26,
  /**
   * A file of the journal: above it, and above what its beginning has, a new one begins. A log no longer than this is
   * written anew at each start.
   */
  journalBytes: 1 << 20,
  /** So often one process puts aside what was kept of a room, for another log: each time a copy stays on the disk. */
  asidesMax: 16,
  /** Lines that were missed are told together, up to so many. */
  missedMax: 100_000,
  /** ... and of their text, UTF-16 code units. */
  missedCharsMax: 1 << 24,
  /** One's own lines that are not acknowledged yet. */
  pendingMax: 10_000,
  /** Lines of others that the room may lack: as many as are kept of a room by default; and their text, UTF-16 code units. */
  heldMax: 100_000,
  heldCharsMax: 1 << 25,
  /** Lines said apart are gathered until none has come for so long, and no longer than that, ms; and how many. */
  gatherQuietMs: 100,
  gatherMs: 1000,
  /** One that follows a line which is missing waits so long for those who were lost to bring it, ms. */
  gapMs: 30_000,
  /** ... and of how many authors whom nobody here has met, in one reign: a fifth of `authorsMax`, and a whole room. */
  hearsayMax: 1000,
  gatherMax: 20_000,
  gatherBytesMax: 1 << 24,
  /** So many signatures are checked when they come in: a quarter of a second, in which everybody waits. */
  gatherChecksMax: 2000,

  /** Private messages that wait to be acknowledged: in all, and for one person. */
  lettersMax: 1000,
  personLettersMax: 200,
  /** Those that have come are known by name, so many of them: as many as five may send again at once. */
  lettersShownMax: 1000,
  /** They are sent again after this, ms, and each time after twice as long, up to a minute. */
  letterMs: 1000,
  letterMsMax: 60_000,
  /** Who has just come needs a moment to know who is there, ms. */
  settleMs: 200,
  /** So many characters of a key, at least, tell people of one name apart: 48 bits. */
  keyStartChars: 8,

  /** A line of a signed export, in bytes: a line of chat all of whose characters are escaped (six for one), and the rest. */
  exportLineBytesMax: 1 << 17,
  /** Who may be named in one, and how much of it may wait for a signature, bytes: of a thousand authors, 64 KiB each. */
  exportPeopleMax: 100_000,
  exportOpenBytesMax: 1 << 26,
  /** How often its numbers may leap before it is not read on: what is left then is no room's history. */
  exportLeapsMax: 2000,
  /** What is told of one that is wrong. */
  exportFaultsMax: 1000,
  /** Other authors that are tried for a signature that is not its author's: a tenth of a second of work. */
  exportTriesMax: 1000,

  /** A key as it travels: 32 bytes in base64url. */
  keyChars: 43,
  /** Keys of others that are held ready for use: all members', and as many authors of history. */
  keysMax: 2048,
  /** A file with a key, in bytes: a hundred would do, and some write a preamble. */
  keyFileBytesMax: 4096,
  /** Names that are known to be somebody's: as many as authors are. */
  pinsMax: 10_000,
  /** One that was met on one day only makes room when it was not met again for so long, ms: a month. */
  pinMs: 30 * 86_400_000,
  /** The file of them, in bytes: the longest names fit. */
  pinsBytesMax: 5 << 20,
  /** So many are shown who have, or had, one name: more would fill a screen. */
  namesakesMax: 8,
  /** From the first packet until a link is encrypted, ms: four round trips over a bad radio link. */
  handshakeMs: 3000,
  /** What one handshake takes of a slow machine, ms: survivors wait so much longer for each member above so many. */
  handshakeCostMs: 2,
  crowdMembers: 20,
  /** One without encryption is silent until it is greeted: after this it is told why, ms. Well before `joinMs`. */
  firstByteMs: 1500,
  /** The first message of a handshake, bytes: ours has 309, and 1,500 with a key that withstands a quantum computer. */
  helloBytesMax: 4096,
  /**
   * Connections that have not said all of their hello, of strangers and as many of known addresses. Above it one of the
   * address that has most of them goes. As many as the kernel holds for us: they may all be handed over in one turn, and
   * whoever has spoken by then must be heard before it is cut. 10 MB of them.
   */
  silentMax: 1024,
  /** Connections in the middle of a handshake, likewise: the milliseconds that it takes, of 400 a second, and plenty. */
  handshakesMax: 256,
  /** Links of one address, or of one network of IPv6: a whole room behind one router fits. */
  addressLinksMax: 1024,
  /** Handshakes that one address may begin each second, and at once after a rest: one costs 1 ms, so a tenth of a core. */
  addressHandshakesPerS: 100,
  addressHandshakesBurst: 400,
  /** What a handshake that failed costs, in handshakes: whoever guesses gets a quarter. */
  failedHandshakes: 4,
  /** Of all addresses together: under half a core; three full networks of strangers may come at once. */
  handshakesPerS: 400,
  handshakesBurst: 1200,
  /** ... and so many more are kept for the addresses of members: a whole room of `membersMax` may come at once. */
  handshakesReserved: 1000,
  /** When under half of a burst is left, a stranger's address gets one in this time, ms: 400 of them, and all are served. */
  addressRestMs: 1000,
  /** Addresses of which it is known how much they have done: 0.5 MB. */
  bucketsMax: 4096,
  /** At most one word in this time about each kind of those who are turned away, ms. */
  turnedAwayMs: 60_000,

  /** A datagram that is longer is no beacon, bytes: of any version it fits into one packet of any network. */
  beaconBytesMax: 512,
  /** Who is in a room sends a beacon so often, ms; in a room of more than so many, each the more rarely. */
  beaconMs: 2000,
  beaconCrowd: 8,
  /** The rarest: a thousand members send 17 a second together, ms. */
  beaconMsMax: 60_000,
  /** Whose beacon was missed so often is gone. */
  beaconsMissed: 3,
  /** Peers of which it is known that they are on the network: more are not shown to anybody, and each takes 200 bytes. */
  sightingsMax: 256,
  /** Beacons of one address that are looked at each second, and at once after a rest: ten peers of one machine that look. */
  hostBeaconsPerS: 50,
  hostBeaconsBurst: 150,
  /** ... and of all addresses that have never shown the key of this room: half a percent of a core. */
  beaconsPerS: 500,
  beaconsBurst: 1000,
  /** Addresses of which it is known how many they have sent. */
  beaconHostsMax: 1024,
  /** Who looks for a room asks so often, ms; it is answered after a random time, so that one answer may do, ms. */
  askMs: 250,
  answerMs: 60,
  answerMsMax: 250,
  /** At most one answer in this time, ms: whoever asks all the time is not answered all the time. */
  answerEveryMs: 100,
  /** Where several rooms are heard, it is asked so often before a mark that nobody says any more is taken for gone. */
  looksAgain: 3,
  /** When a room was heard, others have so long to be heard, too, ms: an answer, and a radio that sends multicast rarely. */
  othersMs: 250,
  /** So long rooms are looked for before one is founded, ms; and for a room that was kept, before it is gone on with. */
  lookMs: 1000,
  lookKeptMs: 400,
  /** Where another looks who is to found one, it is waited for so long in all, ms. */
  lookMsMax: 5000,
  /** Beacons may lead to so many addresses at once where somebody of this room is called. */
  hintsMax: 8,
  /** Addresses of others that are shown, and tried, at once; and how long one may take to answer, ms. */
  placesMax: 32,
  placeMs: 2000,
  /** Rooms that are kept and looked for on the network: the latest used. */
  keptLookedFor: 8,
} as const;

/** The time limits a person may set, with their least and default values; all in ms but `history`. */
export const settings = {
  /** How often the coordinator pings (ms). */
  pingMs: { least: 20, default: 250 },
  /** How long a silent peer is taken for alive (ms): four pings. */
  silenceMs: { least: 100, default: 1000 },
  /** The random wait before a survivor dials the elected, uniform in 0 to this (ms). */
  backoffMs: { least: 0, default: 50 },
  /** How many lines each member may say in a second, when this peer coordinates. */
  rate: { least: 10, default: 50_000 },
  /** How many entries of the log a newcomer is given. */
  history: { least: 0, default: 1000 },
  /** How many entries of the log this peer holds, and keeps on disk: ten such lines a minute for a week. */
  keep: { least: 0, default: 100_000 },
} as const;
