// RUN: kumeo-opt %s --split-input-file -p canonicalize --allow-unregistered-dialect | filecheck %s

// Operations on constants fold to what they would give at run time.

// A chain folds to one constant.
// CHECK-LABEL: "case"() {n = 0 : i64}
// CHECK-NEXT: %c = data.constant 6 : i64
// CHECK-NEXT: "use"(%c) : (i64) -> ()
"case"() {n = 0 : i64} : () -> ()
%a = data.constant 2 : i64
%b = data.mul %a, %a : i64
%c = data.add %b, %a : i64
"use"(%c) : (i64) -> ()

// -----

// Overflow is left to run time.
// CHECK-LABEL: "case"() {n = 1 : i64}
// CHECK-NEXT: %a = data.constant 9223372036854775807 : i64
// CHECK-NEXT: %b = data.add %a, %a : i64
// CHECK-NEXT: "use"(%b) : (i64) -> ()
"case"() {n = 1 : i64} : () -> ()
%a = data.constant 9223372036854775807 : i64
%b = data.add %a, %a : i64
"use"(%b) : (i64) -> ()

// -----

// Division by zero is left to run time.
// CHECK-LABEL: "case"() {n = 2 : i64}
// CHECK-NEXT: %a = data.constant 1.0 : f64
// CHECK-NEXT: %z = data.constant 0.0 : f64
// CHECK-NEXT: %b = data.div %a, %z : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 2 : i64} : () -> ()
%a = data.constant 1.0 : f64
%z = data.constant 0.0 : f64
%b = data.div %a, %z : f64
"use"(%b) : (f64) -> ()

// -----

// A position outside is left to run time.
// CHECK-LABEL: "case"() {n = 3 : i64}
// CHECK-NEXT: %l = data.constant [1] : !data.list<i64>
// CHECK-NEXT: %i = data.constant 1 : i64
// CHECK-NEXT: %b = data.index %l, %i : i64
// CHECK-NEXT: "use"(%b) : (i64) -> ()
"case"() {n = 3 : i64} : () -> ()
%l = data.constant [1] : !data.list<i64>
%i = data.constant 1 : i64
%b = data.index %l, %i : i64
"use"(%b) : (i64) -> ()

// -----

// A cast that fails is left to run time.
// CHECK-LABEL: "case"() {n = 4 : i64}
// CHECK-NEXT: %j = data.constant "x" : !data.json
// CHECK-NEXT: %b = data.cast %j : i64
// CHECK-NEXT: "use"(%b) : (i64) -> ()
"case"() {n = 4 : i64} : () -> ()
%j = data.constant "x" : !data.json
%b = data.cast %j : i64
"use"(%b) : (i64) -> ()

// -----

// JSON is decoded as its type says.
// CHECK-LABEL: "case"() {n = 5 : i64}
// CHECK-NEXT: %b = data.constant {a = 1767225600000000, b = null} : !data.record<{a: !data.time, b: !data.option<f64>}>
// CHECK-NEXT: "use"(%b)
"case"() {n = 5 : i64} : () -> ()
%j = data.constant {a = "2026-01-01T00:00:00Z", z = 1} : !data.json
%b = data.cast %j : !data.record<{a: !data.time, b: !data.option<f64>}>
"use"(%b) : (!data.record<{a: !data.time, b: !data.option<f64>}>) -> ()

// -----

// Library functions fold.
// CHECK-LABEL: "case"() {n = 6 : i64}
// CHECK-NEXT: %b = data.constant "abc" : !data.str
// CHECK-NEXT: "use"(%b) : (!data.str) -> ()
"case"() {n = 6 : i64} : () -> ()
%s = data.constant "ABC" : !data.str
%b = data.call "lower"(%s) : !data.str
"use"(%b) : (!data.str) -> ()

// -----

// Records and their fields fold.
// CHECK-LABEL: "case"() {n = 7 : i64}
// CHECK-NEXT: %b = data.constant "x" : !data.str
// CHECK-NEXT: "use"(%b) : (!data.str) -> ()
"case"() {n = 7 : i64} : () -> ()
%s = data.constant "x" : !data.str
%r = data.record {a = %s}
%b = data.get %r["a"] : !data.str
"use"(%b) : (!data.str) -> ()

// -----

// NaN equals nothing.
// CHECK-LABEL: "case"() {n = 8 : i64}
// CHECK-NEXT: %b = data.constant false : i1
// CHECK-NEXT: "use"(%b) : (i1) -> ()
"case"() {n = 8 : i64} : () -> ()
%a = data.constant nan : f64
%b = data.compare eq, %a, %a : f64
"use"(%b) : (i1) -> ()

// -----

// Minus zero keeps its sign.
// CHECK-LABEL: "case"() {n = 9 : i64}
// CHECK-NEXT: %b = data.constant -0.0 : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 9 : i64} : () -> ()
%a = data.constant 0.0 : f64
%b = data.neg %a : f64
"use"(%b) : (f64) -> ()

// -----

// Null has a constant.
// CHECK-LABEL: "case"() {n = 10 : i64}
// CHECK-NEXT: %b = data.constant null : !data.option<f64>
// CHECK-NEXT: "use"(%b) : (!data.option<f64>) -> ()
"case"() {n = 10 : i64} : () -> ()
%b = data.none : !data.option<f64>
"use"(%b) : (!data.option<f64>) -> ()

// -----

// A constant option is its value.
// CHECK-LABEL: "case"() {n = 11 : i64}
// CHECK-NEXT: %d = "any"() : () -> f64
// CHECK-NEXT: %b = data.constant 1.0 : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 11 : i64} : () -> ()
%o = data.constant 1.0 : !data.option<f64>
%d = "any"() : () -> f64
%b = data.coalesce %o, %d : f64
"use"(%b) : (f64) -> ()

// -----

// A large range is left to run time.
// CHECK-LABEL: "case"() {n = 12 : i64}
// CHECK-NEXT: %n = data.constant 100000 : i64
// CHECK-NEXT: %b = data.call "range"(%n) : !data.list<i64>
// CHECK-NEXT: "use"(%b) : (!data.list<i64>) -> ()
"case"() {n = 12 : i64} : () -> ()
%n = data.constant 100000 : i64
%b = data.call "range"(%n) : !data.list<i64>
"use"(%b) : (!data.list<i64>) -> ()
