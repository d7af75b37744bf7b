"""Recording runs: run logs that the engines can read at every moment, metrics that no crash loses.

`run.Run` is a run being recorded, `scope.Scope` opens steps and composites below a run or a branch, `step.Step` is one
attempt of a step, `sink.Sink` is where its metrics go, and the modules of the stores write what the engines read.
"""
