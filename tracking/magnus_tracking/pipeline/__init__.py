"""Pipelines as the documentation's examples have them: shell and python tasks one after the other, with retries.

What magnus can do beyond that is refused when the pipeline is read, naming the node, and never half done.
"""

from magnus_tracking.pipeline.definition import Pipeline, Task, load_pipeline
from magnus_tracking.pipeline.running import Observer, execute

__all__ = ["Observer", "Pipeline", "Task", "execute", "load_pipeline"]
