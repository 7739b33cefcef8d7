// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Templates, library calls and casts.

// CHECK: %s = data.constant "a" : !data.str
%s = data.constant "a" : !data.str
// CHECK-NEXT: %i = data.constant 1 : i64
%i = data.constant 1 : i64
// CHECK-NEXT: %prompt = data.format "Judge {{..}} tx.amount {{..}}\0A{% if x %}\C3\A9{% endif %}" (tx.amount = %i, "odd path" = %s)
%prompt = data.format "Judge {{ tx.amount }}\0A{% if x %}\C3\A9{% endif %}" (tx.amount = %i, "odd path" = %s)
// CHECK-NEXT: %plain = data.format "" ()
%plain = data.format "" ()
// CHECK-NEXT: %lower = data.call "lower"(%s) : !data.str
%lower = data.call "lower"(%s) : !data.str
// CHECK-NEXT: %none = data.call "range"(%i, %i) : !data.list<i64>
%none = data.call "range"(%i, %i) : !data.list<i64>
// CHECK-NEXT: %float = data.cast %i : f64
%float = data.cast %i : f64
// CHECK-NEXT: %json = data.cast %s : !data.json
%json = data.cast %s : !data.json
// CHECK-NEXT: %record = data.cast %json : !data.record<{a: !data.list<!data.enum<"x", "y">>}>
%record = data.cast %json : !data.record<{a: !data.list<!data.enum<"x", "y">>}>
