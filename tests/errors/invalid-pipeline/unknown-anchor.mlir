// RUN: kumeo-opt %s -p 'func.fnc(cse)'
builtin.module {}
