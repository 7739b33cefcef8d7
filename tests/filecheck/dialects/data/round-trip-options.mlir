// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Options and their defaults.

// CHECK: %x = data.constant 1.0 : f64
%x = data.constant 1.0 : f64
// CHECK-NEXT: %json = data.constant null : !data.json
%json = data.constant null : !data.json
// CHECK-NEXT: %some = data.some %x : !data.option<f64>
%some = data.some %x : !data.option<f64>
// CHECK-NEXT: %none = data.none : !data.option<f64>
%none = data.none : !data.option<f64>
// CHECK-NEXT: %is_some = data.is_some %some
%is_some = data.is_some %some
// CHECK-NEXT: %json_is_some = data.is_some %json
%json_is_some = data.is_some %json
// CHECK-NEXT: %value = data.unwrap %some : f64
%value = data.unwrap %some : f64
// CHECK-NEXT: %default = data.coalesce %none, %x : f64
%default = data.coalesce %none, %x : f64
// CHECK-NEXT: %option = data.coalesce %none, %some : !data.option<f64>
%option = data.coalesce %none, %some : !data.option<f64>
