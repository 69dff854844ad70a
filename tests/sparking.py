"""What the tests that need Spark share."""

import importlib.util
import os
import shutil
import sys
from contextlib import contextmanager

import pytest

MISSING = [
    name
    for name, there in (
        ("pyspark", importlib.util.find_spec("pyspark") is not None),
        ("Java", shutil.which("java") is not None or os.environ.get("JAVA_HOME")),
    )
    if not there
]

# For `pytestmark` of what uses a session, and for single cases.
NEEDS_SPARK = [
    pytest.mark.skipif(bool(MISSING), reason=f"no {' and no '.join(MISSING)} here; install it to run the Spark tests"),
    # Said of versions of pandas, which nothing here uses.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


@contextmanager
def local_session():
    """A session on two cores, as somebody might have one running."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.sql.shuffle.partitions": 4,
        "spark.ui.enabled": False,
        "spark.ui.showConsoleProgress": False,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("FATAL")
    try:
        yield session
    finally:
        session.stop()
