"""The page of recipes for notebooks, run in a real kernel that has pandas, polars and numpy."""

import json
import subprocess

import pytest

from test_documentation import blocks

pytestmark = pytest.mark.outside

RUN = """
import json, sys
import nbformat
from nbclient import NotebookClient

cells = [nbformat.v4.new_code_cell(text) for text in json.load(sys.stdin)]
notebook = nbformat.v4.new_notebook(cells=cells)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
print(json.dumps([[out.get("data", {}) for out in cell.outputs] for cell in notebook.cells]))
"""


def test_the_recipes_run_in_a_kernel_and_draw_what_they_show(store_copy, notebook_python):
    project = store_copy("sample_runs")
    cells = [text for page, _, text in blocks() if page.name == "notebooks.md"]
    done = subprocess.run(
        [notebook_python, "-c", RUN], input=json.dumps(cells), cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    drawn = [data.get("text/html", "") for cell in json.loads(done.stdout.splitlines()[-1]) for data in cell]
    assert sum("<table" in one for one in drawn) >= 7
    assert any("<svg" in one for one in drawn)
