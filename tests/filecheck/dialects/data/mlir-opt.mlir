// LLVM's mlir-opt reads the generic form of odd constants and types, and kumeo-opt its output.
// REQUIRES: mlir-opt
// RUN: kumeo-opt %s --print-op-generic --print-no-properties | %mlir-opt --allow-unregistered-dialect | kumeo-opt - | filecheck %s

// CHECK: data.constant "tab\09 quote\22 \C3\A9" : !data.str
%text = data.constant "tab\09 quote\22 \C3\A9" : !data.str
// CHECK-NEXT: data.constant nan : f64
%nan = data.constant nan : f64
// CHECK-NEXT: data.constant -0.0 : f64
%minus_zero = data.constant -0.0 : f64
// CHECK-NEXT: data.constant -9223372036854775808 : i64
%int = data.constant -9223372036854775808 : i64
// CHECK-NEXT: data.constant {a = null, "b c" = [1, 2.5, true]} : !data.json
%json = data.constant {a = null, "b c" = [1, 2.5, true]} : !data.json
// CHECK-NEXT: [[R:%.*]] = data.record {"odd key" = {{%.*}}, "\C3\A9" = {{%.*}}}
%record = data.record {"odd key" = %nan, "\C3\A9" = %text}
// CHECK-NEXT: data.get [[R]]["\C3\A9"] : !data.str
%field = data.get %record["\C3\A9"] : !data.str
// CHECK-NEXT: data.constant "\C3\A9" : !data.enum<"low", "\C3\A9">
%level = data.constant "\C3\A9" : !data.enum<"low", "\C3\A9">
