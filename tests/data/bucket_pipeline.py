"""A pipeline of runnable that succeeds, fails in a step, or fails in one iteration of a map: `MODE RUN_ID`."""

import sys

from runnable import Catalog, Map, Pipeline, PythonTask, ShellTask, metric, pickled

MODE, RUN_ID = sys.argv[1:]


def produce():
    """Make a parameter, an object, a metric and a file."""
    print("made a number")
    with open("made.txt", "w") as file:
        file.write("made\n")
    return 3, {"a": [1]}, 0.875


def losses():
    """Make a metric of several steps, and one that is no number."""
    return {"0": 1.0, "1": 0.5}, float("nan")


def use(chunk):
    """Fail for one of the chunks."""
    print("chunk", chunk)
    if MODE == "map" and str(chunk) == "2":
        raise ValueError(f"chunk {chunk} is broken")
    return int(chunk) * 0.5


def boom():
    """Fail."""
    raise RuntimeError("the step failed on purpose")


def main():
    """Run it."""
    steps = [
        PythonTask(
            function=produce,
            name="produce",
            returns=["n", pickled("obj"), metric("score")],
            catalog=Catalog(put=["made.txt"]),
        ),
        PythonTask(function=losses, name="losses", returns=[metric("loss"), metric("last")]),
    ]
    if MODE == "fail":
        steps.append(PythonTask(function=boom, name="boom step"))
    else:
        branch = Pipeline(steps=[PythonTask(function=use, name="work", returns=[metric("half")])])
        steps.append(Map(name="the map", branch=branch, iterate_on="chunks", iterate_as="chunk"))
        steps.append(ShellTask(name="say hello", command="echo hello from shell"))
    pipeline = Pipeline(steps=steps)
    pipeline.execute(parameters_file="parameters.yaml", tag="bucket", run_id=RUN_ID)
    return pipeline


if __name__ == "__main__":
    main()
