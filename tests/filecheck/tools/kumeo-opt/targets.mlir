// RUN: kumeo-opt %s -t dot | filecheck %s --check-prefix DOT
// RUN: kumeo-opt %s -t json | filecheck %s --check-prefix JSON
// RUN: kumeo-opt %s --print-no-properties | filecheck %s --check-prefix OLD

// DOT: digraph module {
// DOT: [label="arith.constant"];
// JSON: "op": "builtin.module"
// OLD: "arith.constant"() {value = 2 : i64} : () -> i64
%a = arith.constant 2 : i64
