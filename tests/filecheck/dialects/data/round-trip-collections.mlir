// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Lists, maps and how their parts are read.

// CHECK: %i = data.constant 0 : i64
%i = data.constant 0 : i64
// CHECK-NEXT: %x = data.constant 1.0 : f64
%x = data.constant 1.0 : f64
// CHECK-NEXT: %key = data.constant "k" : !data.str
%key = data.constant "k" : !data.str
// CHECK-NEXT: %json = data.constant [1] : !data.json
%json = data.constant [1] : !data.json
// CHECK-NEXT: %list = data.list [%x, %x] : !data.list<f64>
%list = data.list [%x, %x] : !data.list<f64>
// CHECK-NEXT: %empty = data.list [] : !data.list<!data.map<!data.bytes>>
%empty = data.list [] : !data.list<!data.map<!data.bytes>>
// CHECK-NEXT: %map = data.make_map {a = %x, "odd key" = %x} : !data.map<f64>
%map = data.make_map {a = %x, "odd key" = %x} : !data.map<f64>
// CHECK-NEXT: %item = data.index %list, %i : f64
%item = data.index %list, %i : f64
// CHECK-NEXT: %value = data.index %map, %key : !data.option<f64>
%value = data.index %map, %key : !data.option<f64>
// CHECK-NEXT: %part = data.index %json, %i : !data.json
%part = data.index %json, %i : !data.json
// CHECK-NEXT: %length = data.len %list
%length = data.len %list
// CHECK-NEXT: %text_length = data.len %key
%text_length = data.len %key
// CHECK-NEXT: %inside = data.contains %list, %x
%inside = data.contains %list, %x
// CHECK-NEXT: %has_key = data.contains %map, %key
%has_key = data.contains %map, %key
// CHECK-NEXT: %has_part = data.contains %key, %key
%has_part = data.contains %key, %key
