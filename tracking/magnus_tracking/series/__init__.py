"""The series of a run as arrays, read straight from the text of its log, and kept for runs that are finished."""
