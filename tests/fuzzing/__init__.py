"""Inputs that nobody thought of: real stores, changed by chance, driven through everything that reads them.

    .venv/bin/python -m fuzzing --inputs 3000 --seed 1

Each input is made by its number alone, so that a finding is repeated by `--only TARGET --seed NUMBER --inputs 1`.
"""
