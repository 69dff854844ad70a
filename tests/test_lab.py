"""The notebooks in a real JupyterLab that reaches nothing but its own server: each runs whole and shows what it should.

To look at them: LAB_PICTURES=folder leaves there a picture of every notebook, as stored and after its run.
"""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

from conftest import NEEDS_BROWSER, ROOT
from corpus_tools.charts import VEGA_LITE_MIME
from corpus_tools.corpus import ENVIRONMENT

pytestmark = NEEDS_BROWSER

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[!.]*.ipynb"))
N_WIDGETS = {"03_who_and_what": 1, "04_how_commenters_answer": 1}
"""Name of a notebook -> how many reading widgets it shows; those without one need not stand here."""
WIDGET = ".jp-OutputArea-output .ct-thread:has(input[type=checkbox])"

# What the console may say: regular expression -> what says it when. Lab itself says nothing when it is offline.
MAY_SAY = {
    "^WARN Infinite extent for field": "Vega, where one layer of a chart has no rows",
}
BROKEN = re.compile(r"Error displaying|JavaScript Error|Loading widget", re.IGNORECASE)

# Generous, for slow and busy machines; nothing waits longer than it has to.
START_SECONDS = 120
RUN_SECONDS = 300
SHOW_SECONDS = 60

SETTINGS = {
    # Every cell in the page, not only those in view.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--expose-app-in-browser",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--LabApp.extension_manager=readonly",
)

KERNEL_IS_READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
CLEAR = "() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
RUN_ALL = """limit => Promise.race([
    jupyterapp.commands.execute("notebook:run-all-cells"),
    new Promise(late => setTimeout(late, limit, `not done after ${limit / 1000} seconds`)),
])"""
STOP_KERNEL = "() => jupyterapp.shell.currentWidget.sessionContext.shutdown()"
HEIGHT = """() => {
    const cells = [...document.querySelectorAll(".jp-Notebook .jp-Cell")].map(cell => cell.getBoundingClientRect());
    const [first, last] = [Math.min(...cells.map(box => box.top)), Math.max(...cells.map(box => box.bottom))];
    return Math.ceil(last - first) + 200;
}"""
TO_THE_TOP = """async () => {
    document.querySelector(".jp-WindowedPanel-outer").scrollTop = 0;
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
}"""
# The groups of marks in a picture by Vega, without axes, legends and titles: kind, number of marks, whether they are
# visible (the picture is another one without them), and for a chart on the page whether it shows them (where the picture
# with and the picture without them differ, most of the chart looks as the former). What a chart of Lab holds is asked of
# its own menu, "Save as SVG".
MARKS = """async ([stored, limit]) => {
    const pixels = (picture, width, height) => {
        const context = new OffscreenCanvas(width, height).getContext("2d");
        context.drawImage(picture, 0, 0);
        return context.getImageData(0, 0, width, height).data;
    };
    const painted = async svg => {
        const picture = new Image();
        picture.src = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(svg)], {type: "image/svg+xml"}));
        await picture.decode();
        URL.revokeObjectURL(picture.src);
        return pixels(picture, picture.width, picture.height);
    };
    const apart = (one, other, i) => [0, 1, 2, 3].reduce((sum, k) => sum + Math.abs(one[i + k] - other[i + k]), 0);
    const groups = async (text, canvas) => {
        const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
        const whole = await painted(svg);
        const chart = canvas && pixels(canvas, canvas.width, canvas.height);
        const found = [];
        for (const group of svg.querySelectorAll("g.role-mark:not(.mark-group)")) {
            if (!group.childElementCount) continue;
            group.style.display = "none";
            const without = await painted(svg);
            group.style.display = "";
            let [n_changed, n_shown] = [0, 0];
            for (let i = 0; i < whole.length; i += 4) {
                if (!apart(whole, without, i)) continue;
                n_changed++;
                if (chart && apart(chart, whole, i) < apart(chart, without, i)) n_shown++;
            }
            const [kind, n] = [group.classList[0], group.childElementCount];
            found.push({kind, n, visible: n_changed > 0, shown: n_shown > n_changed / 2});
        }
        return found;
    };
    const found = [];
    for (const text of stored ?? []) found.push(await groups(text));
    for (const chart of stored ? [] : document.querySelectorAll(".jp-OutputArea-output .vega-embed")) {
        const link = chart.querySelector("a[download='visualization.svg']");
        link.removeAttribute("href");
        link.dispatchEvent(new MouseEvent("mousedown"));
        const until = performance.now() + limit;
        while (!link.href && performance.now() < until) await new Promise(requestAnimationFrame);
        if (!link.href) throw new Error("Lab gives no picture of a chart");
        found.push(await groups(await (await fetch(link.href)).text(), chart.querySelector("canvas.marks")));
    }
    return found;
}"""


@dataclass
class Seen:
    """A notebook in Lab, after its run."""

    name: str
    page: object
    stored: nbformat.NotebookNode
    problems: list[str] = field(default_factory=list)
    """What the console said, scripts that failed."""
    outside: list[str] = field(default_factory=list)
    """Addresses asked for that are not the server's."""
    charts_as_stored: list = field(default_factory=list)
    outcome: object = None

    @property
    def charts(self):
        """The stored pictures of the charts, in order."""
        return [output.data["image/svg+xml"] for output in shown(self.stored, VEGA_LITE_MIME)]


def shown(notebook, mime):
    """The stored outputs of a notebook that have a form of that type."""
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [output for cell in cells for output in cell.outputs if mime in output.get("data", {})]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A running JupyterLab: its address, and the folder of the copied notebooks."""
    home = tmp_path_factory.mktemp("lab")
    folder = Path(shutil.copytree(ROOT / "notebooks", home / "notebooks"))
    settings = home / "config" / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(SETTINGS))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--port={port}", f"--ServerApp.root_dir={folder}"],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            wait_for(server, f"http://127.0.0.1:{port}/api", home / "log")
            yield f"http://127.0.0.1:{port}", folder
        finally:
            stop(server)


def environment(home):
    """The environment of a user who has never used Jupyter, offline."""
    others = ("JUPYTER", "JPY_", "IPYTHON", "HF_DATASETS_DISABLE_PROGRESS_BARS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return {
        **kept,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        ENVIRONMENT: str(ROOT / "corpus"),
        "HF_HUB_OFFLINE": "1",
    }


def wait_for(server, address, log):
    until = time.monotonic() + START_SECONDS
    # Whatever proxy there is, it does not lead to the loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while server.poll() is None and time.monotonic() < until:
        with contextlib.suppress(OSError), opener.open(address, timeout=5):
            return
        time.sleep(0.1)
    pytest.fail(f"JupyterLab does not answer at {address}:\n{log.read_text()[-2000:]}")


def stop(server):
    # Asked to, it stops its kernels first; kernels also end by themselves when their server has gone.
    server.terminate()
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@pytest.fixture(scope="module")
def context(browser, lab):
    opened = browser.new_context(viewport={"width": 1300, "height": 1100}, service_workers="block")
    opened.route("**/*", lambda route: route.continue_() if inside(lab, route.request.url) else route.abort())
    yield opened
    opened.close()


def inside(lab, url):
    address, _ = lab
    return url.startswith((f"{address}/", f"{address.replace('http', 'ws', 1)}/", "data:", "blob:"))


@contextlib.contextmanager
def run_in_lab(context, lab, name):
    """Open a notebook, wait for its kernel, clear it, run all its cells, and let go of it again at the end."""
    address, folder = lab
    seen = Seen(Path(name).stem, context.new_page(), nbformat.read(folder / name, as_version=4))
    page = seen.page
    page.on("request", lambda found: None if inside(lab, found.url) else seen.outside.append(found.url))
    page.on("websocket", lambda found: None if inside(lab, found.url) else seen.outside.append(found.url))
    page.on("pageerror", lambda found: seen.problems.append(str(found)))
    page.on("console", lambda found: seen.problems.extend(spoken(found)))
    try:
        # With `reset`, Lab forgets the notebook that was open before.
        page.goto(f"{address}/lab/tree/{name}?reset", timeout=START_SECONDS * 1000)
        assert comes_true(page, KERNEL_IS_READY, seconds=START_SECONDS), f"no kernel for {name}"
        seen.charts_as_stored = charts(page, len(seen.charts))
        picture(page, f"{seen.name}-stored")
        page.evaluate(CLEAR)
        seen.outcome = page.evaluate(RUN_ALL, RUN_SECONDS * 1000)
        comes_true(page, KERNEL_IS_READY)
        yield seen
        page.evaluate(STOP_KERNEL)
    finally:
        page.close()


def spoken(message):
    wanted = message.type in ("error", "warning") and not any(re.search(says, message.text) for says in MAY_SAY)
    return [f"{message.type}: {message.text}"] if wanted else []


def comes_true(page, script, argument=None, *, seconds=SHOW_SECONDS):
    """Whether a condition holds on the page before the time is over."""
    from playwright.sync_api import TimeoutError as TooLate

    try:
        page.wait_for_function(script, arg=argument, timeout=seconds * 1000)
    except TooLate:
        return False
    return True


def charts(page, n_expected):
    """The groups of marks of each chart in the outputs, as soon as there are as many charts as expected."""
    comes_true(page, "n => document.querySelectorAll('.vega-embed summary').length >= n", n_expected)
    return page.evaluate(MARKS, [None, SHOW_SECONDS * 1000])


def picture(page, name):
    """A picture of the whole notebook, where pictures are asked for."""
    if "LAB_PICTURES" not in os.environ:
        return
    before = page.viewport_size
    page.set_viewport_size({**before, "height": page.evaluate(HEIGHT)})
    page.evaluate(TO_THE_TOP)
    page.screenshot(path=Path(os.environ["LAB_PICTURES"]) / f"{name}.png")
    page.set_viewport_size(before)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def seen(context, lab, request):
    with run_in_lab(context, lab, request.param.name) as found:
        charts(found.page, len(found.charts))
        picture(found.page, found.name)
        yield found


def notebook_of(*sources):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{i}") for i, source in enumerate(sources)]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def test_what_these_tests_look_for_is_seen_in_a_notebook_where_all_of_it_is_wrong(context, lab):
    empty = {"data": {"values": []}, "mark": "bar", "encoding": {"x": {"field": "word"}}}
    wrong = notebook_of(
        "from IPython.display import HTML, Javascript, display\ndisplay(HTML('<img src=\"http://192.0.2.1/a.png\">'))",
        "display(Javascript('console.error(\"said by a cell\")'))",
        "display(Javascript('there_is_no_such_name()'))",
        f"display({{{VEGA_LITE_MIME!r}: {empty!r}}}, raw=True)",
        "1 / 0",
        "print('never printed')",
    )
    nbformat.write(wrong, lab[1] / "wrong.ipynb")
    with run_in_lab(context, lab, "wrong.ipynb") as seen:
        assert seen.outcome is False
        assert set(seen.outside) == {"http://192.0.2.1/a.png"}
        assert "error: said by a cell" in seen.problems
        assert charts(seen.page, 1) == [[]]
        assert becomes(lambda: len(errors(seen.page)) == 2)
        script, division = errors(seen.page)
        assert "there_is_no_such_name is not defined" in script
        assert "ZeroDivisionError" in division
        numbers = seen.page.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts()
        assert numbers == [*prompts(wrong)[:5], "[ ]:"]


def prompts(notebook):
    """What stands before the code cells of a notebook that was run once from its first cell to its last."""
    numbers = iter(range(1, len(notebook.cells) + 1))
    code = (cell for cell in notebook.cells if cell.cell_type == "code")
    return [f"[{next(numbers)}]:" if cell.source.strip() else "[ ]:" for cell in code]


def errors(page):
    """The outputs that say that something failed: what Lab prints on red, tracebacks among it, and failed displays."""
    red = page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
    outputs = page.locator(".jp-OutputArea-child")
    return outputs.filter(has=red).or_(outputs.filter(has_text=BROKEN)).all_inner_texts()


def test_every_cell_runs_once_in_order_and_none_fails(seen):
    assert errors(seen.page) == []
    assert seen.outcome is True
    assert seen.page.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts() == prompts(seen.stored)


def test_every_chart_shows_the_marks_of_its_stored_picture(seen):
    stored = seen.page.evaluate(MARKS, [seen.charts, 0])
    for found in (seen.charts_as_stored, charts(seen.page, len(seen.charts))):
        assert marks(found) == marks(stored)
        for chart in found:
            visible = [group for group in chart if group["visible"]]
            assert visible
            assert all(group["shown"] for group in visible)


def marks(pictures):
    return [[(group["kind"], group["n"], group["visible"]) for group in picture] for picture in pictures]


def test_nothing_outside_is_asked_for_and_the_console_is_silent(seen):
    assert seen.outside == []
    assert seen.problems == []


def test_a_click_in_a_reading_widget_changes_what_is_marked(seen):
    widgets = seen.page.locator(WIDGET)
    n_expected = N_WIDGETS.get(seen.name, 0)
    assert becomes(lambda: widgets.count() == n_expected), f"{widgets.count()} widgets, not {n_expected}"
    for i in range(n_expected):
        marked = widgets.nth(i).locator(".ct-span").filter(visible=True)
        box = widgets.nth(i).locator("input[type=checkbox]").first
        assert becomes(lambda now=marked: now.count() > 0)
        before = marked.count()
        box.click()
        assert becomes(lambda now=marked, then=before: now.count() != then)
        box.click()
        assert becomes(lambda now=marked, then=before: now.count() == then)


def test_the_notebooks_that_should_show_a_widget_are_there():
    assert set(N_WIDGETS) <= {path.stem for path in NOTEBOOKS}


def becomes(condition):
    until = time.monotonic() + SHOW_SECONDS
    while not (true := condition()) and time.monotonic() < until:
        time.sleep(0.05)
    return true
