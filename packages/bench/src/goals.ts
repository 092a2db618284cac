/** What Holdfast promises of its speed, against peers that ran on the same machine in the same minute. */
export const goals = {
  /** Session checks a second, as a share of what a bare Koa route answers. */
  leastShareOfBareKoa: 0.25,
  /** Session checks a second, as a share of koa-session with a Map. */
  leastShareOfKoaSession: 1,
  /** Whole sign-ins a second that one core makes, every commit on disk. */
  leastSignInsPerSecond: 1000,
  /** Start with a ring of many keys, as a multiple of a start with one: the same, but for noise. */
  mostTimesOneKeyStart: 1.1,
  /** Session checks with a ring of many keys, as a share of those with one: the same, but for noise. */
  leastShareOfOneKeyCheck: 0.9,
  /** What one operation costs with a large store, as a multiple of what it costs with a small one. */
  mostTimesSmallStore: 1.3,
  /** The slowest of a hundred sign-ins while a million rows are purged, as a multiple of the same with nothing to purge. */
  mostTimesQuietP99: 2,
  /** The slowest way of a hundred from a 202 to the mail server, without faults, in milliseconds. */
  mostHandOverMs: 50,
  /** From the mail server up to the last mail of a queue, as a multiple of what nodemailer's plain pool takes for as many. */
  mostTimesPlainPool: 2,
  /** The median answer to a send while the mail server is gone or silent, as a multiple of the same while it is well. */
  mostTimesHealthyAnswer: 1.25,
  /** Live heap while a queue drains and afterwards, as a multiple of what it is while the queue waits. */
  mostTimesWaitingHeap: 1.2,
  /** Most memory while a later queue drains, as a multiple of the first: V8 and SQLite have filled what they may. */
  mostTimesFirstDrain: 1.1,
  /** Lighthouse's score for performance, of 100. */
  leastPageScore: 95,
  /** From the navigation to the first paint of the sign-in page, over loopback, in milliseconds. */
  mostFirstPaintMs: 200,
  /** Start to first 200, as a multiple of bare Koa's. */
  mostTimesBareKoaStart: 2.5,
}
