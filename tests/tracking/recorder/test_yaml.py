"""What a YAML file may hold: it means what YAML 1.2 says, or is refused in one line with the file and the line."""

import math
import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnus_tracking.cli import main
from magnus_tracking.errors import ConfigurationError
from magnus_tracking.pipeline.definition import load_pipeline
from magnus_tracking.recorder.configuration import load_configuration
from magnus_tracking.recorder.yaml_values import read_mapping

VALUES = {
    "1e-4": 1e-4,
    "1E5": 1e5,
    "+1.5e+3": 1500.0,
    ".5": 0.5,
    "1.": 1.0,
    "1.10": 1.1,
    "-12": -12,
    "010": 10,
    "0o17": 15,
    "0x1F": 31,
    ".inf": math.inf,
    "-.Inf": -math.inf,
    "1e999": math.inf,
    "no": "no",
    "on": "on",
    "True": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
    "2026-11-20": "2026-11-20",
    "2020-13-45": "2020-13-45",
    "2026-11-20T14:30:00Z": "2026-11-20T14:30:00Z",
    "12:30:45": "12:30:45",
    "1_000": "1_000",
    "0x_": "0x_",
    "0b101": "0b101",
    "'1e-4'": "1e-4",
    '"5"': "5",
    "!!str 5": "5",
    "!!float 5": 5.0,
    "!!float -" + "9" * 400: -math.inf,
    "!!int 5": 5,
    "!!null ''": None,
    "!!bool true": True,
    "! 5": 5,
    "[1, [2], {a: 1e3}]": [1, [2], {"a": 1000.0}],
    "{0: 1.0, true: x, 1e-3: y, ~: z}": {"0": 1.0, "true": "x", "1e-3": "y", "~": "z"},
    "|\n  a\n  b\n": "a\nb\n",
}

REFUSED = {
    "an unknown tag": "a: 1\nb: !!timestamp '99'",
    "a date that is declared": "b: 1\na: !!timestamp 2026-01-01",
    "python's own tag": "a: 1\nb: !!python/object/apply:os.system [ls]",
    "binary": "a: 1\nb: !!binary '$$'",
    "a set": "a: 1\nb: !!set {x, y}",
    "a local tag": "a: 1\nb: !mine 5",
    "no integer": "a: 1\nb: !!int five",
    "no boolean": "a: 1\nb: !!bool yes",
    "a list that is declared a mapping": "a: 1\nb: !!map [1]",
    "a name twice": "a: 1\na: 2",
    "a name twice in other forms": 'a: {1: x,\n"1": y}',
    "a list as a name": "a: 1\n? [1, 2]\n: 3",
    "a mapping as a name": "a: 1\n? {b: 2}\n: 3",
    "no name": "a: 1\n: 2",
    "an alias of nothing": "a: 1\nb: *c",
    "an alias inside itself": "a: 1\nb: &b [*b]",
    "a mapping inside itself": "a: 1\nb: &b {c: *b}",
    "a merge inside itself": "a: 1\nb: &b {<<: *b}",
    "a merge of no mapping": "a: 1\n<<: 5",
    "a merge of a list of numbers": "a: 1\n<<: [1, 2]",
    "laughs": "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)),
    "laughs by merging": "a0: &a0 {x: 1}\n"
    + "\n".join(f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 12)),
    "deep lists": "a: 1\nb: " + "[" * 100_000,
    "deep mappings": "a: 1\nb: " + "{a: " * 5_000 + "}" * 5_000,
    "deep blocks": "a: 1\n" + "\n".join(" " * n + "b:" for n in range(300)),
    "too many digits": "a: 1\nb: " + "1" * 5_000,
    "far too many digits": "a: 1\nb: " + "9" * 100_000,
    "far too many other digits": "a: 1\nb: 0x" + "f" * 5_000,
    "a tab": "a: 1\n\tb: 2",
    "a control character": "a: 1\nb: \x07",
    "an escaped null": 'a: 1\nb: "\\0"',
    "half of a character": 'a: 1\nb: "\\ud83d"',
    "no character": 'a: 1\nb: "\\UFFFFFFFF"',
    "an unknown escape": 'a: 1\nb: "\\q"',
    "two documents": "a: 1\n---\nb: 2",
    "a version of many digits": "%YAML " + "1" * 5_000 + ".1\n---\na: 1",
    "an open quote": "a: 1\nb: 'x",
    "an open bracket": "a: 1\nb: [1, 2",
    "a list": "- 1\n- 2",
    "a number": "5",
    "a text": "words",
    "a colon too many": "a: b: c",
}


def read(tmp_path, text):
    path = tmp_path / "file.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    return read_mapping(path, "parameters file")


@pytest.mark.parametrize("written", VALUES)
def test_a_scalar_means_what_yaml_1_2_says(tmp_path, written):
    found = read(tmp_path, f"value: {written}")["value"]
    assert (type(found), found) == (type(VALUES[written]), VALUES[written])


def test_nan_is_a_number(tmp_path):
    assert math.isnan(read(tmp_path, "value: .NaN")["value"])


@pytest.mark.parametrize("reason", REFUSED)
def test_what_has_no_value_is_refused_in_one_line_with_its_place(tmp_path, reason):
    with pytest.raises(ConfigurationError, match=r"file\.yaml, line \d+: .") as error:
        read(tmp_path, REFUSED[reason])
    assert len(str(error.value)) < 500
    assert str(error.value).isprintable()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_says_its_encoding(tmp_path, encoding):
    assert read(tmp_path, "name: größe 🎉\n".encode(encoding)) == {"name": "größe 🎉"}


@pytest.mark.parametrize("text", [b"", b"# nothing\n", b"---\n", b"\xef\xbb\xbf", b"~"])
def test_an_empty_file_says_nothing(tmp_path, text):
    assert read(tmp_path, text) == {}


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path):
    with pytest.raises(ConfigurationError, match="line 2: this is not UTF-8"):
        read(tmp_path, b"a: 1\nb: \xff")


def test_merged_mappings_give_way_to_those_before_and_to_what_is_said(tmp_path):
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\nd: {x: 0, <<: *a}"
    found = read(tmp_path, text)
    assert found["c"] == {"x": 1, "y": 1, "z": 3}
    assert found["d"] == {"x": 0, "y": 1}


STRUCTURE = [
    "a",
    "b: ",
    "- ",
    "? ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "\n  ",
    "&x ",
    "*x",
    "<<: ",
    "!!int ",
    "!!str ",
]
TEXTS = [
    "'",
    '"',
    "|",
    ">",
    "#",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "\\0",
    "1e-4",
    "0x_",
    "~",
    "\t",
    "é",
    "\x85",
    "@",
    "!",
]
PIECES = st.sampled_from([*STRUCTURE, *TEXTS])


@given(st.one_of(st.lists(PIECES, max_size=30).map("".join), st.text(max_size=60), st.binary(max_size=60)))
@settings(max_examples=400, deadline=None)
def test_any_file_is_a_mapping_or_one_line(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("yaml")
    try:
        found, refusal = read(folder, text), None
    except ConfigurationError as error:
        found, refusal = {}, str(error)
    assert isinstance(found, dict)
    assert refusal is None or (re.search(r"file\.yaml, line \d+: ", refusal) and "\n" not in refusal)


NODES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["a", "b", "task", "shell", "x.y"])
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["dag", "steps", "start_at", "type", "config", "a", "next", "command", "log_folder", "catalog"]
            )
            | st.sampled_from(["run_log_store", "on_error", "experiment_tracker", "max_attempts", "command_type"]),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=15,
)


@given(NODES)
@settings(max_examples=300, deadline=None)
def test_any_pipeline_and_configuration_is_taken_or_refused_in_one_line(tmp_path_factory, content):
    import yaml

    path = tmp_path_factory.mktemp("yaml") / "file.yaml"
    path.write_text(yaml.safe_dump(content))
    for load in (load_pipeline, load_configuration):
        refusal = ""
        try:
            load(path)
        except ConfigurationError as error:
            refusal = str(error)
        assert "\n" not in refusal


PIPELINE = """
dag:
  start_at: a
  steps:
    a: {type: task, command_type: shell, command: 'echo "lr is $MAGNUS_PRM_lr"', next: success}
    success: {type: success}
    fail: {type: fail}
"""


@pytest.fixture
def execute(project, monkeypatch, capfd):
    """Runs the command on files, and gives its exit status and what it printed to standard error."""
    for stream in ("stdout", "stderr"):
        # The command takes the process's streams for good; they are given back here.
        monkeypatch.setattr(sys, stream, getattr(sys, stream))

    def run(**files):
        arguments = ["magnus-track", "execute", "--run-id", "run"]
        for option, text in {"f": PIPELINE, **files}.items():
            (project / f"{option}.yaml").write_text(text)
            arguments += [f"-{option}", f"{option}.yaml"]
        monkeypatch.setattr("sys.argv", arguments)
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capfd.readouterr().err

    return run


def test_a_number_in_a_parameter_file_is_a_number_in_the_run(execute, stored):
    status, _ = execute(p="lr: 1e-4\non_off: no\nday: 2026-11-20\nodd=name: 1\n")
    assert status == 0
    assert stored("run")["parameters"] == {"lr": 1e-4, "on_off": "no", "day": "2026-11-20", "odd=name": 1}


@pytest.mark.parametrize("option", ["f", "c", "p"])
@pytest.mark.parametrize("reason", REFUSED)
def test_the_command_refuses_each_file_in_one_line(execute, option, reason):
    status, said = execute(**{option: REFUSED[reason]})
    assert status == 2
    assert re.search(rf"{option}\.yaml, line \d+: ", said)
    assert said.count("\n") == 1


def test_a_chain_of_many_nodes_is_followed_and_a_circle_is_named(tmp_path):
    def node(name, following):
        return f"    {name}: {{type: task, command_type: shell, command: 'true', next: {following}}}\n"

    ends = "    success: {type: success}\n    fail: {type: fail}\n"
    chain = "".join(node(f"n{place}", f"n{place + 1}") for place in range(3000)) + node("n3000", "success")
    path = tmp_path / "file.yaml"
    path.write_text("dag:\n  start_at: n0\n  steps:\n" + chain + ends)
    assert len(load_pipeline(path).tasks) == 3001
    path.write_text("dag:\n  start_at: a\n  steps:\n" + node("a", "b") + node("b", "c") + node("c", "b") + ends)
    with pytest.raises(ConfigurationError, match="b → c → b"):
        load_pipeline(path)
