// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Every kind of constant prints as it was written.

// CHECK: %text = data.constant "tab\09 quote\22 \C3\A9" : !data.str
%text = data.constant "tab\09 quote\22 \C3\A9" : !data.str
// CHECK-NEXT: %empty = data.constant "" : !data.str
%empty = data.constant "" : !data.str
// CHECK-NEXT: %int = data.constant -9223372036854775808 : i64
%int = data.constant -9223372036854775808 : i64
// CHECK-NEXT: %largest = data.constant 9223372036854775807 : i64
%largest = data.constant 9223372036854775807 : i64
// CHECK-NEXT: %tenth = data.constant 0.1 : f64
%tenth = data.constant 0.1 : f64
// CHECK-NEXT: %large = data.constant 1.0e+300 : f64
%large = data.constant 1.0e+300 : f64
// CHECK-NEXT: %minus_zero = data.constant -0.0 : f64
%minus_zero = data.constant -0.0 : f64
// CHECK-NEXT: %nan = data.constant nan : f64
%nan = data.constant nan : f64
// CHECK-NEXT: %infinity = data.constant inf : f64
%infinity = data.constant inf : f64
// CHECK-NEXT: %minus_infinity = data.constant -inf : f64
%minus_infinity = data.constant -inf : f64
// CHECK-NEXT: %truth = data.constant true : i1
%truth = data.constant true : i1
// CHECK-NEXT: %bytes = data.constant "AP8=" : !data.bytes
%bytes = data.constant "AP8=" : !data.bytes
// CHECK-NEXT: %time = data.constant 1767261600000000 : !data.time
%time = data.constant 1767261600000000 : !data.time
// CHECK-NEXT: %duration = data.constant -1500000 : !data.duration
%duration = data.constant -1500000 : !data.duration
// CHECK-NEXT: %level = data.constant "odd value" : !data.enum<"low", "odd value">
%level = data.constant "odd value" : !data.enum<"low", "odd value">
// CHECK-NEXT: %null = data.constant null : !data.option<f64>
%null = data.constant null : !data.option<f64>
// CHECK-NEXT: %some = data.constant 2.5 : !data.option<f64>
%some = data.constant 2.5 : !data.option<f64>
// CHECK-NEXT: %json_null = data.constant null : !data.json
%json_null = data.constant null : !data.json
// CHECK-NEXT: %json = data.constant {a = null, "b c" = [1, 2.5, "x", true, {}, []]} : !data.json
%json = data.constant {a = null, "b c" = [1, 2.5, "x", true, {}, []]} : !data.json
// CHECK-NEXT: %list = data.constant [[1, 2], []] : !data.list<!data.list<i64>>
%list = data.constant [[1, 2], []] : !data.list<!data.list<i64>>
// CHECK-NEXT: %map = data.constant {a = 1.0, "\C3\A9" = nan} : !data.map<f64>
%map = data.constant {a = 1.0, "\C3\A9" = nan} : !data.map<f64>
// CHECK-NEXT: %record = data.constant {id = "x", "odd key" = null} : !data.record<{id: !data.str, "odd key": !data.option<f64>}>
%record = data.constant {id = "x", "odd key" = null} : !data.record<{id: !data.str, "odd key": !data.option<f64>}>
