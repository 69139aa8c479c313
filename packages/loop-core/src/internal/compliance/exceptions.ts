/** LOOP-6: what a callback throws. */
import type { ExceptionContext } from '../../event-loop.js';
import { check, checkError, checkSame, show } from './check.js';
import type { ClauseTest, Trial } from './trial.js';

/** A function that throws a value. */
const thrower = (value: unknown) => () => {
  throw value;
};

/** What a call threw. */
function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Puts a note in place of the default handler. */
function watchDefault(trial: Trial): ExceptionContext[] {
  const contexts: ExceptionContext[] = [];
  trial.loop.defaultExceptionHandler = (context) => {
    contexts.push(context);
    trial.steps.push('default handler');
  };
  return contexts;
}

/** Fails if what a callback or a handler throws leaves the loop, or keeps the next iteration away. */
async function runOn(trial: Trial): Promise<void> {
  const { loop } = trial;
  let wentOn = false;
  loop.callSoon(() => {
    loop.callSoon(() => {
      wentOn = true;
      trial.steps.push('next iteration');
    });
  });
  const { error } = await trial.ending(() => trial.run(() => wentOn));
  checkSame(error, undefined, 'what left the loop');
  check(wentOn, 'the loop did not go on');
}

/** Fails unless one line was logged, which begins so. */
function checkLine(trial: Trial, expected: string): void {
  const first = trial.takeLines('error').map((line) => line.split('\n')[0]);
  checkSame(first, [expected], 'the first lines of what was logged');
}

export const exceptionClauses: readonly ClauseTest[] = [
  {
    id: 'LOOP-6.1',
    title: 'what a callback throws is given to callExceptionHandler, once, with a message',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const schedules: Record<string, (callback: (...args: unknown[]) => void) => void> = {
        callSoon: (callback) => loop.callSoon(callback),
        'callSoon with arguments': (callback) => loop.callSoon(callback, 1, 2, 3),
        enqueue: (callback) => loop.enqueue({ run: callback }),
        callLater: (callback) => loop.callLater(1, callback),
        callAt: (callback) => loop.callAt(loop.time() - 1, callback),
      };
      for (const [how, schedule] of Object.entries(schedules)) {
        for (const value of [new Error(how), 'a text', undefined]) {
          schedule(thrower(value));
          await trial.run(() => trial.reported > 0);
          const [report, ...others] = trial.takeReports();
          const what = `what a callback of ${how} threw`;
          check(report !== undefined, `${what} was not reported: ${show(value)}`);
          check(others.length === 0, `${what} was reported ${others.length + 1} times`);
          check('exception' in report, `${what} is not in the report`);
          checkSame(report.exception, value, what);
          check(
            report.message.startsWith('Exception in callback'),
            `the message must begin with 'Exception in callback', it is ${show(report.message)}`,
          );
        }
      }
    },
  },
  {
    id: 'LOOP-6.2',
    title: 'after a callback that throws, the rest of its iteration runs, then the next iterations',
    needs: [],
    async test(trial) {
      const { loop } = trial;
      const fail = (name: string) => () => {
        trial.steps.push(name);
        loop.callSoon(trial.note('next iteration'));
        throw new Error(name);
      };
      loop.callSoon(fail('first'));
      loop.enqueue({ run: fail('second') });
      loop.callSoon(trial.note('third'));
      loop.enqueue({ run: fail('fourth') });
      await trial.run(7);
      trial.takeReports();
      trial.checkSet(['first', 'fourth', 'second', 'third'], 'the first iteration', trial.steps.slice(0, 4));
      trial.checkSet(
        ['next iteration', 'next iteration', 'next iteration'],
        'the second iteration',
        trial.steps.slice(4),
      );
      loop.callLater(1, trial.note('later'));
      await trial.run(8);
      checkSame(trial.steps[7], 'later', 'what ran at last');
    },
  },
  {
    id: 'LOOP-6.3',
    title: 'callExceptionHandler may be called by anybody, and does not throw',
    needs: [],
    test(trial) {
      trial.letReport();
      const exceptions = [new Error('any'), undefined, null, 'a text', Symbol('a symbol')];
      for (const exception of exceptions) {
        trial.loop.callExceptionHandler({ message: 'any message', exception, detail: 1 });
      }
      trial.loop.callExceptionHandler({ message: '' });
      trial.takeLines('error');
    },
  },
  {
    id: 'LOOP-6.4',
    title: 'the handler that was set is called with the loop and the context; null restores the default',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      trial.letReport();
      const contexts = watchDefault(trial);
      const error = new Error('any');
      const handler = (...args: unknown[]) => {
        checkSame(args.length, 2, 'how many arguments the handler was given');
        checkSame(args[0], loop, 'the first argument of the handler');
        checkSame((args[1] as ExceptionContext).exception, error, 'the exception in the context');
        trial.steps.push('handler');
      };
      checkSame(loop.getExceptionHandler(), null, 'the handler at first');
      loop.setExceptionHandler(handler);
      checkSame(loop.getExceptionHandler(), handler, 'the handler that was set');
      loop.callSoon(thrower(error));
      await trial.run(1);
      loop.setExceptionHandler(null);
      checkSame(loop.getExceptionHandler(), null, 'the handler after null');
      loop.callSoon(thrower(error));
      await trial.run(2);
      trial.checkSteps(['handler', 'default handler'], 'what was called');
      checkSame(contexts[0]?.exception, error, 'the exception that the default handler was given');
    },
  },
  {
    id: 'LOOP-6.5',
    title: 'a handler that cannot be called is refused, and the one before stays',
    needs: ['programLoop'],
    test(trial) {
      const { loop } = trial;
      const handler = () => {};
      loop.setExceptionHandler(handler);
      for (const bad of [undefined, 'text', {}] as never[]) {
        checkError(
          thrown(() => loop.setExceptionHandler(bad)),
          TypeError,
          ['handler', bad],
          `the handler ${show(bad)}`,
        );
        checkSame(loop.getExceptionHandler(), handler, 'the handler afterwards');
      }
    },
  },
  {
    id: 'LOOP-6.6',
    title:
      'what a handler throws is given to the default handler; if that throws too, it is logged; the loop goes on',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      trial.letReport();
      const contexts = watchDefault(trial);
      const [inCallback, inHandler] = [new Error('in the callback'), new Error('in the handler')];
      loop.setExceptionHandler(thrower(inHandler));
      loop.callSoon(thrower(inCallback));
      await runOn(trial);
      trial.checkSet(['default handler', 'next iteration'], 'what ran');
      const [context] = contexts;
      checkSame(context?.message, 'Unhandled error in exception handler', 'the message');
      checkSame(context?.exception, inHandler, 'the exception');
      const given = (context?.context as ExceptionContext | undefined)?.exception;
      checkSame(given, inCallback, 'the exception that the handler had been given');
      loop.defaultExceptionHandler = thrower(new Error('in the default handler'));
      loop.callSoon(thrower(inCallback));
      await runOn(trial);
      const both = 'while handling an unexpected error in custom exception handler';
      checkLine(trial, `Exception in default exception handler ${both}`);
    },
  },
  {
    id: 'LOOP-6.7',
    title: 'what the default handler throws is logged, and the loop goes on',
    needs: ['programLoop'],
    async test(trial) {
      const { loop } = trial;
      trial.letReport();
      loop.defaultExceptionHandler = thrower(new Error('in the default handler'));
      loop.callSoon(thrower(new Error('in the callback')));
      await runOn(trial);
      checkLine(trial, 'Exception in default exception handler');
    },
  },
  {
    id: 'LOOP-6.8',
    title: 'the default handler logs the message, the other keys in order, and the exception',
    needs: ['programLoop'],
    test(trial) {
      const { loop } = trial;
      loop.defaultExceptionHandler({
        message: 'it broke',
        exception: new Error('because'),
        zebra: 1,
        ape: 'two',
      });
      loop.defaultExceptionHandler({ message: '' });
      const [full, bare, ...others] = trial.takeLines('error');
      checkSame(others, [], 'lines beyond the two');
      const [first, second, third, ...stack] = (full ?? '').split('\n');
      checkSame([first, second, third], ['it broke', "ape: 'two'", 'zebra: 1'], 'the lines of the report');
      check(stack.join('\n').includes('Error: because'), `the report must show the exception: ${show(full)}`);
      checkSame(bare, 'Unhandled exception in event loop', 'the report of a context without a message');
    },
  },
];
