// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Operations with a region for each item; regions read values from above.

// CHECK: %limit = data.constant 1.0 : f64
%limit = data.constant 1.0 : f64
// CHECK-NEXT: %list = data.list [%limit] : !data.list<f64>
%list = data.list [%limit] : !data.list<f64>
// CHECK-NEXT: %mapped = data.map %x: f64 in %list -> i1 {
%mapped = data.map %x: f64 in %list -> i1 {
// CHECK-NEXT: %hot = data.compare gt, %x, %limit : f64
  %hot = data.compare gt, %x, %limit : f64
// CHECK-NEXT: data.yield %hot : i1
  data.yield %hot : i1
// CHECK-NEXT: }
}
// CHECK-NEXT: %kept = data.filter %x_1: f64 in %list attributes {note = 1 : i64} {
%kept = data.filter %x_1: f64 in %list attributes {note = 1 : i64} {
// CHECK-NEXT: %hot_1 = data.compare gt, %x_1, %limit : f64
  %hot_1 = data.compare gt, %x_1, %limit : f64
// CHECK-NEXT: data.yield %hot_1 : i1
  data.yield %hot_1 : i1
// CHECK-NEXT: }
}
// CHECK-NEXT: %all = data.all %c: i1 in %mapped {
%all = data.all %c: i1 in %mapped {
// CHECK-NEXT: data.yield %c : i1
  data.yield %c : i1
// CHECK-NEXT: }
}
// CHECK-NEXT: %any = data.any %c_1: i1 in %mapped {
%any = data.any %c_1: i1 in %mapped {
// CHECK-NEXT: %nested = data.all %d: i1 in %mapped {
  %nested = data.all %d: i1 in %mapped {
// CHECK-NEXT: data.yield %d : i1
    data.yield %d : i1
// CHECK-NEXT: }
  }
// CHECK-NEXT: data.yield %nested : i1
  data.yield %nested : i1
// CHECK-NEXT: }
}
