// RUN: kumeo-opt %s -p 'cse{fast}'
builtin.module {}
