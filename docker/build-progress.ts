// What a build says, as the engine streams it, to what people want to hear: a line for each step, and one line for the
// step that failed.

import { stripVTControlCharacters } from 'node:util';
import { EnvironmentError } from '../harness/errors.ts';

export interface BuildEvent {
  readonly stream?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string };
}

const stepLine = /^Step (\d+)\/(\d+) : (.*)$/;
const machineTalk = /^(?:Step \d|--->|Removing intermediate container|Successfully )/;
const noWayOut =
  /could ?n[o']t resolve|failure resolving|unable to (?:locate|connect)|failed to fetch|could not connect/i;
const longestStep = 60;

export class BuildProgress {
  readonly #note: (text: string) => void;
  #step = 'before its first step';
  #lastLine = '';
  #error: string | undefined;
  #id: string | undefined;
  #missesNetwork = false;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  add(event: BuildEvent): void {
    this.#id = event.aux?.ID ?? this.#id;
    this.#error = event.error ?? this.#error;
    // What a step writes to its standard error comes in colour.
    const text = stripVTControlCharacters(event.stream ?? '');
    for (const line of text.split('\n')) this.#addLine(line.trim());
  }

  #addLine(line: string): void {
    const [, number, of, instruction = ''] = stepLine.exec(line) ?? [];
    if (number !== undefined) {
      this.#step = `step ${number} of ${of} (${shortened(instruction)})`;
      this.#lastLine = '';
      this.#note(this.#step);
    } else if (line !== '' && !machineTalk.test(line)) {
      this.#lastLine = line;
      this.#missesNetwork ||= noWayOut.test(line);
    }
  }

  /** The image's id. Throws EnvironmentError, one line, when there is none; `whatElse` is for a build without network. */
  imageId(name: string, whatElse: string): string {
    if (this.#id !== undefined && this.#error === undefined) return this.#id;
    const reason = this.#lastLine || this.#error || 'the engine ended the build without a word';
    const advice = this.#missesNetwork ? `; the build cannot reach Debian's packages: ${whatElse}` : '';
    throw new EnvironmentError(
      `could not build the image ${name}: ${this.#step} failed: ${reason.replaceAll(/\s+/g, ' ').trim()}${advice}`,
    );
  }
}

/** The engine gives a step its whole script, continued lines joined. */
function shortened(instruction: string): string {
  const plain = instruction.replaceAll(/\s+/g, ' ').trim();
  return plain.length <= longestStep ? plain : `${plain.slice(0, longestStep - 1)}…`;
}
