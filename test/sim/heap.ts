/** Something to do at a time. It stands in a heap once at most: putting it again moves it. */
export class Task {
  at = 0;
  /** Tasks of one time are done in the order in which they were put. */
  order = 0;
  /** Where it stands in its heap; -1: in none. */
  place = -1;
  readonly run: () => void;

  constructor(run: () => void) {
    this.run = run;
  }
}

/** A queue of tasks, earliest first. Each knows its place, so one that is superseded is moved, and leaves no corpse. */
export class Heap {
  readonly #tasks: Task[] = [];
  #order = 0;

  /** The task that is next, or undefined. */
  get first(): Task | undefined {
    return this.#tasks[0];
  }

  put(task: Task, at: number): void {
    task.at = at;
    task.order = this.#order++;
    if (task.place < 0) this.#rise(task, this.#tasks.length);
    else this.#sift(task, task.place);
  }

  drop(task: Task): void {
    const { place } = task;
    if (place < 0) return;
    task.place = -1;
    const last = this.#tasks.pop() as Task;
    if (last !== task) this.#sift(last, place);
  }

  /** Finds the task its place, from the one that is free. */
  #sift(task: Task, place: number): void {
    const tasks = this.#tasks;
    let free = place;
    for (;;) {
      let least = 2 * free + 1;
      if (least >= tasks.length) break;
      if (least + 1 < tasks.length && before(tasks[least + 1] as Task, tasks[least] as Task)) least++;
      const child = tasks[least] as Task;
      if (!before(child, task)) break;
      tasks[free] = child;
      child.place = free;
      free = least;
    }
    this.#rise(task, free);
  }

  #rise(task: Task, place: number): void {
    const tasks = this.#tasks;
    let free = place;
    while (free > 0) {
      const above = (free - 1) >> 1;
      const parent = tasks[above] as Task;
      if (!before(task, parent)) break;
      tasks[free] = parent;
      parent.place = free;
      free = above;
    }
    tasks[free] = task;
    task.place = free;
  }
}

function before(one: Task, other: Task): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}
