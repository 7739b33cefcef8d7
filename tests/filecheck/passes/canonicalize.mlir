// RUN: kumeo-opt %s --split-input-file -p canonicalize | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p canonicalize,canonicalize | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p canonicalize --print-debuginfo | filecheck %s --check-prefix=LOC

// Constants are folded, rewrites of the ops applied, and what nothing reads goes. What becomes of
// each op is tested beside its dialect.
// CHECK-LABEL: workflow.subworkflow @Fold
// CHECK-NEXT:  %b = data.constant 4 : i64
// CHECK-NEXT:  workflow.return %b, %c
workflow.subworkflow @Fold (%c: i1) -> (i64, i1) {
  %a = data.constant 2 : i64
  %b = data.add %a, %a : i64
  %n = data.not %c
  %m = data.not %n
  workflow.return %b, %m : i64, i1
}

// -----

// A new op is at the place of the op that it replaces.
// CHECK-LABEL: workflow.subworkflow @Places
// LOC:         data.constant 4 : i64 loc("f.kumeo":2:1)
workflow.subworkflow @Places () -> (i64) {
  %a = data.constant 2 : i64 loc("f.kumeo":1:1)
  %b = data.add %a, %a : i64 loc("f.kumeo":2:1)
  workflow.return %b : i64
}

// -----

// What is not known stays.
// CHECK-LABEL: workflow.subworkflow @Unknown
// CHECK:       data.add
workflow.subworkflow @Unknown (%x: i64) -> (i64) {
  %b = data.add %x, %x : i64
  workflow.return %b : i64
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
