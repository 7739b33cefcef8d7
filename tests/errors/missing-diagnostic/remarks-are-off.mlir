// RUN: kumeo-opt %s --verify-diagnostics
// expected-remark@+1 {{joined}}
%0 = arith.constant 1 : i64
