/** Plays a script on the façade: the counterpart of the model. */

import {
  Channel,
  StopIteration,
  TaskletKilledError,
  ValueError,
  getCurrent,
  getMain,
  getRunCount,
  main,
  run,
  schedule,
  scheduleRemove,
  setChannelCallback,
  setErrorHandler,
  setScheduleCallback,
  switchTrap,
  tasklet,
  type Tasklet,
} from '../../lib/stackless/index.js';
import { message } from './program.js';
import { Player, SKIP, type Request, type Script } from './script.js';

export async function runScript(script: Script): Promise<string[]> {
  const game = new Game(script);
  await main(() => game.main()).catch((error: unknown) => {
    if (!(error instanceof TaskletKilledError)) throw error;
  });
  return game.player.log;
}

class Game {
  readonly player: Player;
  readonly #script: Script;
  readonly #channels: readonly Channel<number>[];
  readonly #tasks = new Map<string, Tasklet>();
  readonly #names = new Map<Tasklet, string>();

  constructor(script: Script) {
    this.#script = script;
    this.player = new Player(script);
    this.#channels = script.channels.map((preference) => {
      const channel = new Channel<number>();
      channel.preference = preference;
      return channel;
    });
  }

  async main(): Promise<void> {
    this.#introduce('M', getMain());
    if (this.#script.watched) this.#watch();
    await this.#drive('M');
  }

  #introduce(name: string, task: Tasklet): void {
    this.#tasks.set(name, task);
    this.#names.set(task, name);
  }

  #name(task: Tasklet): string {
    return this.#names.get(task) ?? '?';
  }

  #watch(): void {
    const { log } = this.player;
    setScheduleCallback((prev, next) => {
      log.push(`${this.#name(prev)}>${this.#name(next)}`);
    });
    setChannelCallback((channel, task, sending, willBlock) => {
      const number = this.#channels.indexOf(channel as Channel<number>);
      log.push(`${number}:${this.#name(task)} ${sending ? 'send' : 'recv'}${willBlock ? ' blocks' : ''}`);
    });
  }

  async #drive(owner: string): Promise<void> {
    const play = this.player.play(owner);
    let step = play.next();
    while (step.done !== true) {
      let result: unknown;
      try {
        result = await this.#perform(step.value);
      } catch (error) {
        step = play.throw(error);
        continue;
      }
      step = play.next(result);
    }
  }

  #body(name: string): () => Promise<void> {
    return () => this.#drive(name);
  }

  #channel(number: number): Channel<number> {
    const channel = this.#channels[number];
    if (channel === undefined) throw new Error(`no channel ${number}`);
    return channel;
  }

  #handle(how: 'none' | 'quiet' | 'raising'): void {
    if (how === 'none') setErrorHandler(null);
    else {
      setErrorHandler((error) => {
        this.player.log.push(`handler ${message(error)}`);
        if (how === 'raising') throw new ValueError(`handler of ${message(error)}`);
      });
    }
  }

  async #perform(request: Request): Promise<unknown> {
    switch (request[0]) {
      case 'spawn':
        this.#introduce(request[1], tasklet(this.#body(request[1]))());
        return undefined;
      case 'send':
        return this.#channel(request[1]).send(request[2]);
      case 'recv':
        return this.#channel(request[1]).receive();
      case 'sendexc':
        return this.#channel(request[1]).sendException(ValueError, String(request[2]));
      case 'stop':
        return this.#channel(request[1]).sendThrow(new StopIteration());
      case 'seq':
        return this.#channel(request[1]).sendSequence(request[2]);
      case 'next': {
        const step = await this.#channel(request[1])[Symbol.asyncIterator]().next();
        return step.done === true ? undefined : step.value;
      }
      case 'pref':
        this.#channel(request[1]).preference = request[2];
        return undefined;
      case 'all':
        this.#channel(request[1]).scheduleAll = request[2];
        return undefined;
      case 'close': {
        const channel = this.#channel(request[1]);
        channel.close();
        return `${channel.closing} ${channel.closed}`;
      }
      case 'open':
        this.#channel(request[1]).open();
        return undefined;
      case 'queue':
        return this.#walk(this.#channel(request[1]).queue);
      case 'balance':
        return this.#channels.map((channel) => channel.balance).join(',');
      case 'yield':
        return schedule();
      case 'yieldvalue':
        return schedule(request[1]);
      case 'park':
        return scheduleRemove();
      case 'parkvalue':
        return scheduleRemove(request[1]);
      case 'run':
        return run();
      case 'runcount':
        return getRunCount();
      case 'ring':
        return this.#walk(getCurrent());
      case 'blocktrap':
        getCurrent().blockTrap = request[1];
        return undefined;
      case 'switchtrap':
        return switchTrap(request[1]);
      case 'error':
        return new ValueError(String(request[1]));
      case 'handler':
        this.#handle(request[1]);
        return undefined;
      case 'trapped':
      case 'iter':
      case 'die':
        throw new Error(`${request[0]} is taken apart by the player`);
      default:
        return this.#withTask(request);
    }
  }

  async #withTask(request: Extract<Request, readonly [unknown, string, ...unknown[]]>): Promise<unknown> {
    const task = this.#tasks.get(request[1]);
    if (task === undefined) return SKIP;
    switch (request[0]) {
      case 'insert':
        task.insert();
        return undefined;
      case 'remove':
        task.remove();
        return undefined;
      case 'trun':
      case 'trunvalue':
        return task.run();
      case 'tswitch':
        return task.switch();
      case 'kill':
        return task.kill();
      case 'pkill':
        return task.kill({ pending: true });
      case 'throw':
        return task.throw(new ValueError(String(request[2])));
      case 'pthrow':
        return task.throw(new ValueError(String(request[2])), { pending: true });
      case 'bind':
        task.bind(this.#body(request[1])).setup();
        return undefined;
      case 'bindargs':
        task.bind(this.#body(request[1]), []);
        return undefined;
      case 'unbind':
        task.bind();
        return undefined;
      case 'slot':
        task.tempval = request[2];
        return undefined;
      case 'flags':
        return [task.alive, task.scheduled, task.blocked, task.paused].map(Number).join('');
      default:
        throw new Error(`no such request: ${request[0]}`);
    }
  }

  /** The names from `first` on, until the end of the queue or once round the ring. */
  #walk(first: Tasklet | null): string {
    let names = '';
    for (let at = first; at !== null; at = at.next) {
      if (at === first && names !== '') break;
      names += this.#name(at);
    }
    return names;
  }
}
