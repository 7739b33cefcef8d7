// RUN: kumeo-opt %s --split-input-file -p canonicalize --allow-unregistered-dialect | filecheck %s

// Parts of values that are made in sight.

// A field of a record with one field.
// CHECK-LABEL: "case"() {n = 0 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 0 : i64} : () -> ()
%x = "any"() : () -> f64
%r = data.record {a = %x}
%b = data.get %r["a"] : f64
"use"(%b) : (f64) -> ()

// -----

// Another field may fail: the record stays.
// CHECK-LABEL: "case"() {n = 1 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %y = "any"() : () -> f64
// CHECK-NEXT: %r = data.record {a = %x, c = %y}
// CHECK-NEXT: %b = data.get %r["a"] : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 1 : i64} : () -> ()
%x = "any"() : () -> f64
%y = "any"() : () -> f64
%r = data.record {a = %x, c = %y}
%b = data.get %r["a"] : f64
"use"(%b) : (f64) -> ()

// -----

// Another field that cannot fail is dropped.
// CHECK-LABEL: "case"() {n = 2 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 2 : i64} : () -> ()
%x = "any"() : () -> f64
%y = data.constant 1 : i64
%r = data.record {a = %x, c = %y}
%b = data.get %r["a"] : f64
"use"(%b) : (f64) -> ()

// -----

// A field beside a changed one, which cannot fail.
// CHECK-LABEL: "case"() {n = 3 : i64}
// CHECK-NEXT: %r = "any"() : () -> !data.record<{a: f64, c: i64}>
// CHECK-NEXT: %b = data.get %r["a"] : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 3 : i64} : () -> ()
%r = "any"() : () -> !data.record<{a: f64, c: i64}>
%y = data.constant 1 : i64
%s = data.set %r["c"], %y
%b = data.get %s["a"] : f64
"use"(%b) : (f64) -> ()

// -----

// The changed field of a record that may fail stays.
// CHECK-LABEL: "case"() {n = 4 : i64}
// CHECK-NEXT: %r = "any"() : () -> !data.record<{a: f64}>
// CHECK-NEXT: %y = "any"() : () -> f64
// CHECK-NEXT: %s = data.set %r["a"], %y
// CHECK-NEXT: %b = data.get %s["a"] : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 4 : i64} : () -> ()
%r = "any"() : () -> !data.record<{a: f64}>
%y = "any"() : () -> f64
%s = data.set %r["a"], %y
%b = data.get %s["a"] : f64
"use"(%b) : (f64) -> ()

// -----

// An item of a list with one item.
// CHECK-LABEL: "case"() {n = 5 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: "use"(%x) : (f64) -> ()
"case"() {n = 5 : i64} : () -> ()
%x = "any"() : () -> f64
%i = data.constant 0 : i64
%l = data.list [%x] : !data.list<f64>
%b = data.index %l, %i : f64
"use"(%b) : (f64) -> ()

// -----

// The length of a list whose items may fail stays.
// CHECK-LABEL: "case"() {n = 6 : i64}
// CHECK-NEXT: %x = "any"() : () -> f64
// CHECK-NEXT: %l = data.list [%x] : !data.list<f64>
// CHECK-NEXT: %b = data.len %l
// CHECK-NEXT: "use"(%b) : (i64) -> ()
"case"() {n = 6 : i64} : () -> ()
%x = "any"() : () -> f64
%l = data.list [%x] : !data.list<f64>
%b = data.len %l
"use"(%b) : (i64) -> ()

// -----

// The length of a list of items of another list is known.
// CHECK-LABEL: "case"() {n = 7 : i64}
// CHECK-NEXT: %m = "any"() : () -> !data.list<f64>
// CHECK-NEXT: %b = data.map %x: f64 in %m -> i64 {
// CHECK-NEXT: %n = data.constant 2 : i64
// CHECK-NEXT: data.yield %n : i64
// CHECK-NEXT: }
// CHECK-NEXT: "use"(%b) : (!data.list<i64>) -> ()
"case"() {n = 7 : i64} : () -> ()
%m = "any"() : () -> !data.list<f64>
%b = data.map %x : f64 in %m -> i64 {
  %l = data.list [%x, %x] : !data.list<f64>
  %n = data.len %l
  data.yield %n : i64
}
"use"(%b) : (!data.list<i64>) -> ()

// -----

// Unread operations are dropped, even if they could fail.
// CHECK-LABEL: "case"() {n = 8 : i64}
// CHECK-NEXT: %x = "any"() : () -> i64
// CHECK-NEXT: "use"(%x) : (i64) -> ()
"case"() {n = 8 : i64} : () -> ()
%x = "any"() : () -> i64
%b = data.add %x, %x : i64
"use"(%x) : (i64) -> ()

// -----

// A field beside a changed one that may fail stays.
// CHECK-LABEL: "case"() {n = 9 : i64}
// CHECK-NEXT: %r = "any"() : () -> !data.record<{a: f64, c: i64}>
// CHECK-NEXT: %y = "any"() : () -> i64
// CHECK-NEXT: %s = data.set %r["c"], %y
// CHECK-NEXT: %b = data.get %s["a"] : f64
// CHECK-NEXT: "use"(%b) : (f64) -> ()
"case"() {n = 9 : i64} : () -> ()
%r = "any"() : () -> !data.record<{a: f64, c: i64}>
%y = "any"() : () -> i64
%s = data.set %r["c"], %y
%b = data.get %s["a"] : f64
"use"(%b) : (f64) -> ()

// -----

// A field that is set in json is not read through: json that is no object makes the change fail.
// CHECK:       [[SET:%.*]] = data.set
// CHECK:       data.get [[SET]]["amount"]
workflow.workflow @W {
  workflow.source @s nats("in") : !data.json
  workflow.target @t nats("out")
  workflow.on @s (%x: !data.json) {
    %one = data.constant 1 : !data.json
    %set = data.set %x["amount"], %one
    %got = data.get %set["amount"] : !data.json
    workflow.emit %got : !data.json to @t site "t"
    workflow.return
  }
}
