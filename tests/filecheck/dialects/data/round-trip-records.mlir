// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt - | filecheck %s
// RUN: kumeo-opt %s | kumeo-opt - | filecheck %s

// Records, fields with odd names, nested types.

// CHECK: %id = data.constant "x" : !data.str
%id = data.constant "x" : !data.str
// CHECK-NEXT: %amount = data.constant 1.0 : f64
%amount = data.constant 1.0 : f64
// CHECK-NEXT: %record = data.record {id = %id, "odd key" = %amount, "\C3\A9" = %id}
%record = data.record {id = %id, "odd key" = %amount, "\C3\A9" = %id}
// CHECK-NEXT: %empty = data.record {}
%empty = data.record {}
// CHECK-NEXT: %inner = data.record {inner = %record}
%inner = data.record {inner = %record}
// CHECK-NEXT: %field = data.get %record["odd key"] : f64
%field = data.get %record["odd key"] : f64
// CHECK-NEXT: %accent = data.get %record["\C3\A9"] : !data.str
%accent = data.get %record["\C3\A9"] : !data.str
// CHECK-NEXT: %deep = data.get %inner["inner"] : !data.record<{id: !data.str, "odd key": f64, "\C3\A9": !data.str}>
%deep = data.get %inner["inner"] : !data.record<{id: !data.str, "odd key": f64, "\C3\A9": !data.str}>
// CHECK-NEXT: %option = data.some %record : !data.option<!data.record<{id: !data.str, "odd key": f64, "\C3\A9": !data.str}>>
%option = data.some %record : !data.option<!data.record<{id: !data.str, "odd key": f64, "\C3\A9": !data.str}>>
// CHECK-NEXT: %maybe = data.get %option["odd key"] : !data.option<f64>
%maybe = data.get %option["odd key"] : !data.option<f64>
// CHECK-NEXT: %changed = data.set %record["odd key"], %amount
%changed = data.set %record["odd key"], %amount
// CHECK-NEXT: %noted = data.get %record["id"] attributes {note = "\C3\A9"} : !data.str
%noted = data.get %record["id"] attributes {note = "\C3\A9"} : !data.str
