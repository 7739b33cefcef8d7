// RUN: kumeo-opt %s --verify-diagnostics
// expected-eror {{is not used}}
builtin.module {}
