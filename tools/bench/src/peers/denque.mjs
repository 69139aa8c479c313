/** A queue by hand: promises of the platform, kept in deques. It can neither cancel nor shut down. */
import Denque from 'denque';
import { add, fold } from '../checksum.mjs';

const WORKERS = 10;
const settled = Promise.resolve();

class ByHand {
  items = new Denque();
  getters = new Denque();
  putters = new Denque();

  constructor(maxsize = Infinity) {
    this.maxsize = maxsize;
  }

  put(item) {
    const getter = this.getters.shift();
    if (getter) getter(item);
    else if (this.items.length < this.maxsize) this.items.push(item);
    else return new Promise((resolve) => this.putters.push({ item, resolve }));
    return settled;
  }

  get() {
    if (this.items.length === 0) return new Promise((resolve) => this.getters.push(resolve));
    const item = this.items.shift();
    const putter = this.putters.shift();
    if (putter) {
      this.items.push(putter.item);
      putter.resolve();
    }
    return Promise.resolve(item);
  }
}

async function alternate(n) {
  const queue = new ByHand();
  let sum = 0;
  for (let i = 0; i < n; i++) {
    await queue.put(i);
    sum = fold(sum, await queue.get());
  }
  return sum;
}

const passOn = (maxsize) => async (n) => {
  const queue = new ByHand(maxsize);
  const produce = async () => {
    for (let i = 0; i < n; i++) await queue.put(i);
  };
  const consume = async () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = fold(sum, await queue.get());
    return sum;
  };
  const [sum] = await Promise.all([consume(), produce()]);
  return sum;
};

async function pool(n) {
  const queue = new ByHand();
  let sum = 0;
  const work = async () => {
    for (let i = await queue.get(); i >= 0; i = await queue.get()) {
      await settled;
      sum = add(sum, i);
    }
  };
  const workers = Array.from({ length: WORKERS }, work);
  for (let i = 0; i < n; i++) void queue.put(i);
  for (let i = 0; i < WORKERS; i++) void queue.put(-1);
  await Promise.all(workers);
  return sum;
}

const workloads = {
  'queue-unbounded': alternate,
  'queue-1': passOn(1),
  'queue-100': passOn(100),
  'queue-pool': pool,
};

export default {
  label: 'by hand, denque',
  workloads: {
    ...workloads,
    ...Object.fromEntries(Object.entries(workloads).map(([name, run]) => [`async-${name}`, run])),
  },
};
