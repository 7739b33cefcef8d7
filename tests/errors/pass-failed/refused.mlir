// RUN: kumeo-opt %s -p 'linalg-to-csl,apply-individual-rewrite{matched-operation-index=0 operation-name="a" pattern-name="b"}'
builtin.module {}
