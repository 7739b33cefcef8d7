// RUN: kumeo-opt %s -p 'cse,,dce'
builtin.module {}
