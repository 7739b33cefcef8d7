"""What Kumeo costs: `python -m benchmarks` measures and prints, `make bench` calls it.

Numbers are CPU seconds unless a column says otherwise, and the best of several runs: other work on
the machine only ever adds. Nothing here fails because of a time. See `__main__.py`.
"""
