"""What differs between runs, between the branches of a step, and between the attempts of one.

comparison = compare([store.load("fixed-1"), store.load("fixed-9")])
for row in comparison.rows:
    if row.differs:
        print(row.section, row.key, row.values, row.delta)
"""

from magnus_tracking.analysis.compare.branches_and_attempts import compare_inside
from magnus_tracking.analysis.compare.comparison import Comparison, Row, compare_subjects
from magnus_tracking.analysis.compare.links import last_success, reruns_of
from magnus_tracking.analysis.compare.runs import compare

__all__ = [
    "Comparison",
    "Row",
    "compare",
    "compare_inside",
    "compare_subjects",
    "last_success",
    "reruns_of",
]
