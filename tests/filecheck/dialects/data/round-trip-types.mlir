// RUN: kumeo-opt %s --allow-unregistered-dialect --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --allow-unregistered-dialect --print-op-generic | kumeo-opt - --allow-unregistered-dialect | filecheck %s
// RUN: kumeo-opt %s --allow-unregistered-dialect | kumeo-opt - --allow-unregistered-dialect | filecheck %s

// Types without any operation of the dialect around them.

// CHECK: "test.op"() {t = !data.record<{a: !data.str, "odd \22key\22": !data.option<!data.bytes>, "\C3\A9": !data.json}>} : () -> ()
"test.op"() {t = !data.record<{a: !data.str, "odd \22key\22": !data.option<!data.bytes>, "\C3\A9": !data.json}>} : () -> ()
// CHECK-NEXT: "test.op"() {t = !data.enum<"low", "\C3\A9", "with \22quotes\22">} : () -> ()
"test.op"() {t = !data.enum<"low", "\C3\A9", "with \22quotes\22">} : () -> ()
// CHECK-NEXT: "test.op"() {t = !data.map<!data.list<!data.option<!data.record<{}>>>>} : () -> ()
"test.op"() {t = !data.map<!data.list<!data.option<!data.record<{}>>>>} : () -> ()
// CHECK-NEXT: "test.op"() {t = [!data.time, !data.duration, i1, i64, f64]} : () -> ()
"test.op"() {t = [!data.time, !data.duration, i1, i64, f64]} : () -> ()
