/**
 * What is always true of the library, in one list. Each entry is held by a test that has its name in its title, as in
 * `[INV-6]`, or by a comment at the place where it is looked at after every step.
 *
 * A number, once given, keeps its meaning; there are gaps. The bugs of others have numbers too: what happened to them
 * must not happen here.
 */

/** By the part of the library that they are about. */
export const INVARIANTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Channels: {
    'INV-1': 'What was received is what was sent: no value is lost, made up or received twice.',
    'INV-2':
      'An operation that raised has changed nothing for anybody; one that was committed returns, whatever comes before its turn.',
    'INV-3': 'A send ends only when a receiver has its value.',
    'INV-4': 'Nobody waits to send where somebody waits to receive.',
    'INV-5':
      '`balance` is the number of waiting senders less that of waiting receivers, at every step, cases of a select included.',
    'INV-6': 'Who came first is served first, and who leaves does not change the order of the others.',
    'INV-7': 'The values of one sender arrive in the order in which it sent them.',
    'INV-8':
      'A value arrives as the very thing that was sent; nobody looks into it or copies it. Thenables are refused.',
    'INV-9':
      'An error that was sent is raised once, in one receiver, as the very object, and the channel goes on.',
    'INV-10':
      'What is tried never waits, never goes before those who wait, and leaves nothing behind when the answer is no.',
  },
  Select: {
    'INV-11':
      'Of the cases of a select one happens, or none if it raises; the others stand nowhere any more.',
    'INV-12': 'While a case is ready, neither the default nor a timeout of 0 is what happens.',
    'INV-13': 'A select never meets itself.',
    'INV-14': 'A channel may be in a select several times and on both sides; all of them leave together.',
    'INV-15':
      'A fair select gives each of its ready cases a share; in listed order it takes the first that is ready. Both can be had again.',
    'INV-16': 'What a losing case would have sent is seen by nobody.',
    'INV-17': 'A select of nothing, or of nothing but what is closed, says so and does not wait for ever.',
  },
  Kill: {
    'INV-18':
      'Who is killed while it waits takes nothing and gives nothing, and stands in no queue when `kill` returns.',
    'INV-19': 'Who is killed before its first turn never begins.',
    'INV-20': 'Clean-up runs once, from the inside out, and may wait.',
    'INV-21': 'To kill again, or one that has ended, does nothing; the one who kills never gets an error.',
    'INV-22': 'Who kills itself is told at its next wait.',
    'INV-23':
      'Who catches its kill and goes on is told again when its time is up, so that a shutdown comes to its end and names who is left.',
    'INV-24':
      'A kill during a foreign await is kept for the next wait; whatever that await comes to wakes nobody twice.',
    'INV-25': 'A kill after the commit lets the operation return, and comes at the next wait.',
    'INV-26': 'All who join a tasklet that is killed go on, each once, and learn that it was killed.',
  },
  'Time and abort': {
    'INV-27':
      'A wait has one outcome, the first, however many of delivery, timeout, abort, kill and close come at one moment.',
    'INV-28':
      'A wrong time is refused before anything has changed; 0, infinity and very long times are right.',
    'INV-29': 'No timer is early by the clock of its scheduler.',
    'INV-30': 'Of nested timeouts each knows its own error, and lets those of others through.',
    'INV-31':
      'A signal that is aborted already rejects before anybody queues; each outcome takes its listener off.',
    'INV-32': 'Each outcome takes its timer back.',
  },
  'Close and iteration': {
    'INV-33': 'A close lets all waiting receivers go, in order, whatever the first ones do.',
    'INV-34':
      'After a close nobody can send any more, those who were sending are still received, and then it is closed.',
    'INV-35': 'To close is to close once, however often and from wherever it is called.',
    'INV-36':
      'An iteration ends with its channel. Leaving it early neither takes a value too many nor closes anything.',
    'INV-37': 'An error given to close reaches all who receive, now and later.',
  },
  Scheduler: {
    'INV-38':
      'No wake-up is lost: when nobody can run, no two wait that could go on together, no permit is free with somebody waiting.',
    'INV-39':
      'Between two waits one tasklet has the turn, and who comes back from outside comes through the ring.',
    'INV-40':
      'Nobody starves: each has a turn within a lap, and the event loop has one however busy the tasklets are.',
    'INV-41': 'A tasklet that lives is held, whoever has forgotten it.',
    'INV-42':
      'A deadlock is told: who waits, for what, since when; clean-up runs, and the exit code is not 0.',
    'INV-43': 'The same program has the same story on every run, every machine and every version of Node.',
    'INV-44': 'Two schedulers, two copies of the package and two threads do not harm each other.',
    'INV-45': 'The current tasklet is the one that runs, not the one that woke it, after any await.',
    'INV-46': 'An observer that throws, calls back or kills does not change what happens to others.',
    'INV-47': 'The stack does not grow with the number of hand-overs, of who wait, or of who join.',
  },
  Errors: {
    'INV-48': 'A crash is told, and told once, whatever was thrown.',
    'INV-49': 'What was handled, killed or lost in a race makes no warning and no unhandled rejection.',
    'INV-50': 'An error arrives as the very object, with its cause, its code and its stack as they were.',
    'INV-51': 'An error during clean-up does not hide the first one where both can be told.',
  },
  'Sync, queues, futures, pools and supervision': {
    'INV-52':
      'No permit is lost or made, whoever gives up at whatever moment; what was granted to one who is gone moves on.',
    'INV-53': 'What excludes, excludes. To release what is not held is an error and makes no second permit.',
    'INV-54': 'What is released is handed to who has waited longest; nobody gets in between.',
    'INV-55': 'A notification given to one who dies is passed on.',
    'INV-56': 'When many are woken each is woken once, whatever the woken ones do.',
    'INV-57': 'A future is settled once, and settling it runs nobody inside the one who does it.',
    'INV-58': 'A pool never runs more than its size; `map` is lazy, bounded, and loses no result.',
    'INV-59':
      'A job that is cancelled while it is queued never begins; a shutdown comes to its end, from within a job too.',
    'INV-86':
      'A supervisor restarts so often and no more, then raises; it stops its children in reverse order, within their grace.',
  },
  Workers: {
    'INV-71': 'What is on its way to a worker is never more than was agreed.',
    'INV-72': 'When a worker dies, all who wait for it are told.',
    'INV-73': 'What cannot be copied fails in the sender only, and nothing is moved by a send that fails.',
  },
  'Streams and files': {
    'INV-60':
      'What is read is the beginning of what was written, byte for byte, however it was cut, paused or given up.',
    'INV-61': 'Who reads nothing takes nothing in: reading stops within a block, and the writer feels it.',
    'INV-62': 'A write that was awaited left no more than the limit behind; two writes do not mix.',
    'INV-63': 'The end in the middle of something expected is an error that carries what had come.',
    'INV-64':
      'Whatever reads up to a mark has a limit, costs in proportion to the bytes, and the stream is usable after.',
    'INV-65':
      'An error of the system is raised once, by the operation that suffered it, with its code, and ends no program.',
    'INV-66': 'One can read on after having ended, and write on after the other side has.',
    'INV-67':
      'A read that was given up leaves all its bytes to the next; a write was done, was not, or broke the stream.',
    'INV-68': 'After a close, a kill or a crash nothing of it is open.',
    'INV-69': 'A connection on which nothing moves is noticed in time, although nobody reads.',
    'INV-70': 'Text that came in pieces is decoded like the whole.',
  },
  'Memory and life cycle': {
    'INV-80': 'Waits that were given up, of any kind and however many, leave nothing behind.',
    'INV-81': 'To leave a queue costs the same from any place in it.',
    'INV-82': 'A value that was delivered, and a tasklet that has ended, are held by nobody of ours.',
    'INV-83': 'A library that is idle keeps no program alive; one that is over ends by itself with 0.',
    'INV-84': 'What can be held can be disposed of with `using`, as often as one likes.',
    'INV-85': 'Memory does not grow with the number of messages.',
  },
  'Bugs that other systems had': {
    'BM-1': 'A timeout around a queue or a channel lost values.',
    'BM-2': 'A permit granted to one who was cancelled before its turn was gone for ever.',
    'BM-3': 'Those who were woken changed the list that was being walked, and the next one slept on.',
    'BM-4': 'Clean-up that came twice took somebody else off the list.',
    'BM-5': 'The same channel twice in one select broke its queue when the last one left.',
    'BM-6': 'Two cases of one select happened.',
    'BM-7': 'The mending of one bug brought another. Known bugs are planted, and must be noticed.',
    'BM-8': 'One who was killed stayed in its queue, and was met there.',
    'BM-9': 'A way to write forgot the limit, and memory grew without end.',
    'BM-10': 'The limit of bytes was kept, and a million tiny pieces cost many times their size.',
    'BM-11': 'What came between the making of a reader and its first read was lost.',
    'BM-12': 'Who had stopped reading never learned that the other side was gone.',
    'BM-13': 'An error event on a socket that nobody was looking at ended the program.',
    'BM-14': 'A test for leaks could not fail.',
    'BM-15': 'Names that every object inherits were taken for options.',
  },
};
