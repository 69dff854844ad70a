"""One contender does one task, in a process of its own: `python -m corpus_tools.bench.run TASK WHO CARD [SAMPLE]`.

CARD is the file that describes the collection. What is printed is one line of JSON: the answer, by which contenders can
be compared, and the seconds of the work without the start of the process and its imports.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

from corpus_tools.bench.tasks import OURS
from corpus_tools.bench.texts import Collection
from corpus_tools.errors import UnknownNameError

Answer = dict[str, float]


def run(task: str, who: str, collection: Collection, sample: int | None) -> dict[str, object]:
    """Do a task and say what came of it.

    Args:
        task: Its name.
        who: The contender's name.
        collection: The texts.
        sample: How many units are done; None for all.

    Returns:
        `answer` and `work_seconds`.

    Raises:
        UnknownNameError: If the contender does not do the task.
    """
    module = importlib.import_module(f"corpus_tools.bench.{'ours' if who == OURS else 'peers'}")
    prepare = module.BODIES.get(task if who == OURS else (task, who))
    if prepare is None:
        raise UnknownNameError("task", f"{task} of {who}", module.BODIES)
    work = prepare(collection, sample)
    begun = time.perf_counter()
    answer = work()
    return {"answer": answer, "work_seconds": time.perf_counter() - begun}


def main(arguments: list[str]) -> None:
    """Read the arguments, run, write the line."""
    task, who, card, *sample = arguments
    collection = Collection(**json.loads(Path(card).read_text(encoding="utf-8")))
    result = run(task, who, collection, int(sample[0]) if sample else None)
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
