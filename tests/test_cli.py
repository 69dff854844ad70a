"""The command line as a whole: help, version, usage errors, and nothing on stdout but data."""

import re
import subprocess
import sys

import pytest

from corpus_tools.cli import COMMANDS, main


def names():
    return [command.__name__.rpartition(".")[2] for command in COMMANDS]


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert re.findall(r"^    (\w+)", shown, re.M) == names()


@pytest.mark.parametrize("name", names())
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as caught:
        main([name, "--help"])
    assert caught.value.code == 0
    assert f"usage: corpus-tools {name}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["diff", "0.1.0", "0.1.0", "--rows", "FOLDER"],
        ["diff", "--rows", "0.1.0", "0.1.0", "FOLDER"],
        ["info", "--json", "FOLDER"],
        ["resolve", "c1", "--json", "FOLDER"],
        ["cite", "--format", "ris", "FOLDER"],
        ["agree", "--json", "FOLDER"],
        ["validate", "--json", "FOLDER"],
    ],
    ids=" ".join,
)
def test_the_folder_may_stand_behind_the_options(words, released, capsys):
    places = [str(released) if word == "FOLDER" else word for word in words]
    assert main(places) == 0
    assert capsys.readouterr().err == ""


def test_no_command_is_wrong_usage(capsys):
    assert main([]) == 2
    assert "usage: corpus-tools" in capsys.readouterr().err


def test_an_unknown_command_is_wrong_usage(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["validat"])
    assert caught.value.code == 2
    assert "invalid choice: 'validat'" in capsys.readouterr().err


def test_the_version_is_that_of_the_package(capsys):
    import corpus_tools

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{corpus_tools.__version__}\n"


@pytest.mark.parametrize("command", [["info"], ["validate"], ["release", "0.1.0"], ["pages"], ["reproduce"]])
def test_a_folder_that_is_no_corpus_is_one_line_on_stderr(command, tmp_path, capsys):
    assert main([*command, str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        f"corpus-tools: {tmp_path} is not a corpus: it holds no corpus.toml; a corpus is a folder with a corpus.toml\n"
    )


def test_what_the_system_refuses_is_one_line_on_stderr(tmp_path, capsys, monkeypatch):
    from corpus_tools import corpus

    def refuse(*arguments, **named):
        raise PermissionError(13, "Permission denied", "corpus.toml")

    monkeypatch.setattr(corpus, "load", refuse)
    assert main(["info", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "corpus-tools: [Errno 13] Permission denied: 'corpus.toml'\n"


def test_a_pipe_that_closes_early_is_no_error():
    command = f"{sys.executable} -m corpus_tools explain | head -1"
    run = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True)
    assert run.stdout.startswith("E101")
    assert "Traceback" not in run.stderr
