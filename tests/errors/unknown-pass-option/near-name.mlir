// RUN: kumeo-opt %s -p 'verify-level{lvel=workflow}'
builtin.module {}
