// Ops of another tool to a history of ours: what other tools leave out is filled in and told, what contradicts itself is
// refused with its place, and what cannot be judged as it stands is told as a doubt.

import type { Place } from '../edn/read-edn.ts';
import { type History, HistoryBuilder, HistoryError } from '../history.ts';
import { HistoryFileError } from '../history-file-error.ts';
import type { Json } from '../json.ts';
import { bare } from '../json-scan.ts';
import { OpLineError } from '../op-line.ts';
import { type Fields, type ForeignOp, ForeignOpError, foreignOp, marks } from './foreign-op.ts';
import type { CodeStyle } from './foreign-value.ts';
import type { FormatName } from './format.ts';
import { isPair, splitKeys } from './keyed-values.ts';
import type { LoadedHistory } from './loaded-history.ts';

export class ForeignHistory {
  readonly #name: string;
  readonly #style: CodeStyle;
  readonly #builder = new HistoryBuilder();
  /** Where each op stands. */
  readonly #lines: number[] = [];
  readonly #columns: number[] = [];
  #keyed: boolean | undefined;
  /** The first op that shows pairs of key and value. */
  #keyedBy: Place | undefined;
  #doubt: HistoryFileError | undefined;
  #index: number | undefined;
  #isRenumbered = false;
  #time = 0;
  #timeless = 0;
  #timesBack = 0;

  /** `keyed` undefined: as the file says or looks. `name` stands for the file in messages. */
  constructor(name: string, style: CodeStyle, keyed: boolean | undefined) {
    this.#name = name;
    this.#style = style;
    this.#keyed = keyed;
  }

  /** Throws a HistoryFileError. */
  add(fields: Fields, place: Place): void {
    try {
      const op = foreignOp(fields, this.#style);
      if (this.#builder.length === 0) this.#readMark(fields.get(marks.keyed));
      this.#checkIndex(op.index);
      const { index: _, ...rest } = op;
      this.#builder.append({ ...rest, time: this.#timeOf(op.time) });
      this.#lines.push(place.line);
      this.#columns.push(place.column);
      this.#look(op, place);
    } catch (error) {
      if (error instanceof ForeignOpError || error instanceof OpLineError || error instanceof HistoryError) {
        throw this.error(error.message, place);
      }
      throw error;
    }
  }

  /** Throws a HistoryFileError. */
  end(format: FormatName): LoadedHistory {
    if (this.#builder.length === 0) {
      throw new HistoryFileError(this.#name, undefined, 'holds no operations; allowed: a history with some');
    }
    const notes = this.#notes();
    let history = this.#builder.build();
    if (this.#keyed ?? this.#keyedBy !== undefined) {
      if (this.#keyed === undefined && this.#keyedBy !== undefined) {
        notes.push(
          `line ${this.#keyedBy.line} reads [key nil], so all values are taken for pairs [key value]; --no-keyed if they are none`,
        );
      }
      history = this.#split(history);
    }
    const doubt = this.#doubt ?? this.#nilDoubt(history);
    return { history, format, notes, ...(doubt === undefined ? {} : { doubt }) };
  }

  error(message: string, place: Place): HistoryFileError {
    return new HistoryFileError(this.#name, place.line, message, { column: place.column });
  }

  #readMark(mark: Json | undefined): void {
    if (mark !== undefined && typeof mark !== 'boolean') {
      throw new ForeignOpError(`${marks.keyed} is ${bare(JSON.stringify(mark))}; allowed: true, false`);
    }
    this.#keyed ??= mark;
  }

  /** Rising, wherever they begin: a part of a longer history keeps its numbers. */
  #checkIndex(index: number | undefined): void {
    const before = this.#index;
    if (this.#builder.length > 0 && (index === undefined) !== (before === undefined)) {
      throw new ForeignOpError(
        index === undefined
          ? 'index is missing; allowed: one in every op, or in none'
          : `index is ${index}, and ops before it have none; allowed: one in every op, or in none`,
      );
    }
    if (index !== undefined && before !== undefined && index <= before) {
      throw new ForeignOpError(
        index === before
          ? `index is ${index} for the second time; allowed: each once`
          : `index goes back from ${before} to ${index}; allowed: rising ones`,
      );
    }
    if (index !== undefined && index !== this.#builder.length) this.#isRenumbered = true;
    this.#index = index;
  }

  /** The order of the file is the authority; a time that contradicts it is not. */
  #timeOf(time: number | undefined): number {
    if (time === undefined) this.#timeless++;
    else if (time < this.#time) this.#timesBack++;
    else this.#time = time;
    return this.#time;
  }

  #look({ f, type, value, process }: ForeignOp, place: Place): void {
    if (process === 'nemesis' || type !== 'invoke' || f !== 'read' || !isPair(value)) return;
    if (value[0] !== null && isNothing(value[1])) this.#keyedBy ??= place;
  }

  #split(history: History): History {
    try {
      return splitKeys(history);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      throw this.error(error.message, this.#placeOf(error.index));
    }
  }

  #placeOf(index: number): Place {
    return { line: this.#lines[index] ?? 1, column: this.#columns[index] ?? 1 };
  }

  /** Nil is an absent value when it stands alone; within a pair nobody knows what it is. */
  #nilDoubt(history: History): HistoryFileError | undefined {
    for (let index = 0; index < history.length; index++) {
      if (history.type(index) !== 'invoke' || history.isNemesis(index)) continue;
      const value = history.value(index);
      if (!isPair(value)) continue;
      const [first, second] = value;
      if (history.f(index) === 'cas' && (first === null || second === null)) {
        const message = `cas has the value ${bare(JSON.stringify(value))}, in which nil could be an absent key or a version; a verdict needs [old new] without it`;
        return this.error(message, this.#placeOf(index));
      }
      if (history.f(index) === 'read' && first === null && second === null) {
        const message =
          'read has the value [nil nil], as of a register with versions; a verdict needs values without versions';
        return this.error(message, this.#placeOf(index));
      }
    }
    return undefined;
  }

  #notes(): string[] {
    const notes: string[] = [];
    const { length } = this.#builder;
    if (this.#timeless > 0) {
      const which = this.#timeless === length ? 'no op has a time' : `${this.#timeless} ops have no time`;
      notes.push(`${which}: only the order of the file says what came before what`);
    }
    if (this.#timesBack > 0) {
      notes.push(`${this.#timesBack} times go back and were raised: the order of the file is the authority`);
    }
    if (this.#isRenumbered) notes.push('indices are renumbered from 0');
    return notes;
  }
}

/** Nil, or a pair of nils where values have versions. */
function isNothing(value: Json): boolean {
  return value === null || (isPair(value) && value[0] === null && value[1] === null);
}
