"""How many small wrongs in the rules the tests notice: `make mutation`, or `python -m bench.mutation --help`.

A mutant is one file of the rules with one change: a comparison moved by one or turned round, a guard dropped, a number
one more or one less. A test that fails on it has caught it; one that no test fails on shows what no test says.
"""
