/**
 * A chat with rooms.
 *
 *   npm run build && node scripts/ts.cjs examples/chat-server.ts [port]
 *
 * A client says its name, and then lines, which all in its room get. `/join room` moves it, `/who` lists who is there,
 * `/quit` ends it. Between two waits nobody else has a turn, so rooms need no locks. Who does not read what the
 * others say is shown the door: a slow client costs nobody else anything.
 */
import { run, spawn } from 'evergreen-tasklets';
import { signals, tcp, type Connection } from 'evergreen-tasklets/io';

class Room {
  readonly name: string;
  private readonly members: Map<Member, string> = new Map();

  constructor(name: string) {
    this.name = name;
  }

  get names(): string[] {
    return [...this.members.values()].sort();
  }

  enter(member: Member): void {
    this.members.set(member, member.name);
    this.tell(`* ${member.name} has come to ${this.name}`);
  }

  leave(member: Member): void {
    if (this.members.delete(member)) this.tell(`* ${member.name} has left ${this.name}`);
  }

  tell(line: string, except?: Member): void {
    for (const member of this.members.keys()) if (member !== except) member.hear(line);
  }
}

class Member {
  readonly name: string;
  private readonly connection: Connection;

  constructor(name: string, connection: Connection) {
    this.name = name;
    this.connection = connection;
  }

  hear(line: string): void {
    // It does not wait: either there is room for the line, or it was not read for too long.
    if (!this.connection.closed && !this.connection.tryWrite(`${line}\n`)) {
      this.connection.abort(new Error(`${this.name} does not listen`));
    }
  }
}

const rooms = new Map<string, Room>();

function room(name: string): Room {
  let found = rooms.get(name);
  if (found === undefined) rooms.set(name, (found = new Room(name)));
  return found;
}

async function chat(client: Connection): Promise<void> {
  await client.write('your name?\n');
  const lines = client.lines({ maxBytes: 1024, timeout: 600_000 });
  const { value: name } = await lines.next();
  if (name === undefined || !/^\w{1,20}$/.test(name)) {
    await client.write('a name is a word\n');
    return;
  }
  const member = new Member(name, client);
  let here = room('lobby');
  here.enter(member);
  try {
    for await (const line of lines) {
      const [, command, what = ''] = /^\/(\w+)\s*(\w*)/.exec(line) ?? [];
      if (command === undefined) here.tell(`${name}: ${line}`, member);
      else if (command === 'quit') break;
      else if (command === 'who') member.hear(`* here are ${here.names.join(', ')}`);
      else if (command === 'join' && what !== '') {
        here.leave(member);
        here = room(what);
        here.enter(member);
      } else member.hear('* there is /join room, /who, /quit');
    }
  } finally {
    here.leave(member);
  }
}

void run(async () => {
  const [, , port = '0'] = process.argv;
  await using listener = await tcp.listen({ port: Number(port) });
  console.log(`listening at ${listener.name}`);
  spawn(() =>
    listener.serve(chat, {
      concurrency: 1000,
      onError: (error, { name }) => console.log(`${name}: ${String(error)}`),
    }),
  );
  using quit = signals('SIGINT', 'SIGTERM');
  await quit.receive();
});
