// RUN: kumeo-opt %s --split-input-file -p canonicalize --allow-unregistered-dialect | filecheck %s

// Casts of casts.

// A cast to the same type is nothing.
// CHECK-LABEL: "case"() {n = 0 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 0 : i64} : () -> ()
%x = "any"() : () -> f64
%b = data.cast %x : f64
"use"(%b) : (f64) -> ()

// -----

// A cast into an option is `some`.
// CHECK-LABEL: "case"() {n = 1 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %b = data.some %x : !data.option<f64>
// CHECK-NEXT: "use"(%b) : (!data.option<f64>) -> ()
"case"() {n = 1 : i64} : () -> ()
%x = "any"() : () -> f64
%b = data.cast %x : !data.option<f64>
"use"(%b) : (!data.option<f64>) -> ()

// -----

// A cast of `some` casts the value.
// CHECK-LABEL: "case"() {n = 2 : i64}
// CHECK-NEXT: %x = "any"() : () -> i64
// CHECK-NEXT: %b = data.cast %x : !data.option<f64>
// CHECK-NEXT: "use"(%b) : (!data.option<f64>) -> ()
"case"() {n = 2 : i64} : () -> ()
%x = "any"() : () -> i64
%o = data.some %x : !data.option<i64>
%b = data.cast %o : !data.option<f64>
"use"(%b) : (!data.option<f64>) -> ()

// -----

// An enum comes back from text.
// CHECK-LABEL: "case"() {n = 3 : i64}
// CHECK-NEXT: %x = "any"() : () -> !data.enum<"a", "b">
// CHECK-NEXT: "use"(%x) : (!data.enum<"a", "b">) -> ()
"case"() {n = 3 : i64} : () -> ()
%x = "any"() : () -> !data.enum<"a", "b">
%t = data.cast %x : !data.str
%b = data.cast %t : !data.enum<"a", "b">
"use"(%b) : (!data.enum<"a", "b">) -> ()

// -----

// A float does not come back from an integer.
// CHECK-LABEL: "case"() {n = 4 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %t = data.cast %x : i64
// CHECK-NEXT: %b = data.cast %t : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 4 : i64} : () -> ()
%x = "any"() : () -> f64
%t = data.cast %x : i64
%b = data.cast %t : f64
"use"(%b) : (f64) -> ()

// -----

// A dropped field does not come back.
// CHECK-LABEL: "case"() {n = 5 : i64}
// CHECK-NEXT: %x = "any"() : () -> !data.record<{a: !data.option<i64>}>
// CHECK-NEXT: %t = data.cast %x : !data.record<{}>
// CHECK-NEXT: %b = data.cast %t
// CHECK-NEXT: "use"(%b)
"case"() {n = 5 : i64} : () -> ()
%x = "any"() : () -> !data.record<{a: !data.option<i64>}>
%t = data.cast %x : !data.record<{}>
%b = data.cast %t : !data.record<{a: !data.option<i64>}>
"use"(%b) : (!data.record<{a: !data.option<i64>}>) -> ()
