// `faultline doctor`: what can be done on this machine, and how to get the rest.

import { type Diagnosis, examine } from '../../docker/doctor.ts';
import type { EnvironmentProvider } from '../environment.ts';
import { faultDescriptions, parseFaultNames } from '../nemesis/registry.ts';
import { diagnosisLines } from './diagnosis-lines.ts';
import { exitCodes } from './exit-codes.ts';
import { onInterrupt } from './interrupt.ts';
import { testOptions } from './options.ts';
import { environments, type TestConfig } from './plan.ts';

/** As a run with its defaults gets them. */
const makers: readonly { make(config: TestConfig): EnvironmentProvider }[] = environments;

/** `directory` is where runs go. */
export async function doctorCommand({
  json,
  out: directory,
}: {
  readonly json: boolean;
  readonly out: string;
}): Promise<number> {
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const interruption = onInterrupt(
    () =>
      say(
        'Stopping: removing what was made. Ctrl-C again to quit at once ("faultline clean" removes the rest).',
      ),
    () => undefined,
  );
  try {
    const diagnosis = await examine({
      environments: makers.map((maker) => maker.make({ workload: 'register' })),
      faults: faultDescriptions,
      defaults: {
        environment: testOptions.env.default,
        faults: parseFaultNames(testOptions.nemesis.default),
      },
      directory,
      signal: interruption.signal,
      note: say,
    });
    process.stdout.write(json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : asText(diagnosis));
    return diagnosis.defaultJobWorks ? exitCodes.valid : exitCodes.harnessFailure;
  } catch (error) {
    if (interruption.by() === undefined) throw error;
    return interruption.by() === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
  } finally {
    interruption.release();
  }
}

function asText(diagnosis: Diagnosis): string {
  return `${diagnosisLines(diagnosis).join('\n')}\n`;
}
