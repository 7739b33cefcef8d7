// RUN: kumeo-opt %s --verify-diagnostics
// expected-error@+1 {{is not used}}
%0 = arith.constant 1 : i64
