"""Readers under fire: any bytes give threads or an `IngestError`, and nothing else.

Not run by the tests: it wants atheris (`pip install atheris`), which has packages for some systems only, and time.

    python tests/fuzz_readers.py FORM -max_total_time=120 [FOLDER]

FORM is the name of a form, or `auto`; FOLDER holds files to begin with and keeps what is found, such as a copy of
`tests/data/ingest/FORM`. A crash is written beside, to be read again with the same command and the file's name.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["corpus_tools.ingest"]):
    from corpus_tools.errors import IngestError
    from corpus_tools.ingest.forms import choose, readers
    from corpus_tools.ingest.reading import Reading
    from corpus_tools.ingest.source import Source

    readers()  # imports each; outside this block they would be read without being followed

SUFFIXES = {"plain-text": ".txt", "table": ".csv", "youtube": ".csv", "socc": ".csv"}


def main():
    form = sys.argv.pop(1)
    place = Path(tempfile.mkdtemp()) / f"input{SUFFIXES.get(form, '')}"

    def one(data):
        place.write_bytes(data)
        source = Source(place)
        try:
            reader = choose(source)[0] if form == "auto" else readers()[form]
            reading = Reading(source)
            rows = reader.rows(reading) if reader.rows else None
            for _ in rows.batches() if rows is not None else reader.read(reading) if reader.read else ():
                pass
        except (IngestError, RecursionError):
            # A reader may lean on `ingest` to name what is nested too deep.
            return

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
