// RUN: kumeo-opt %s --split-input-file -p strip-locations --print-debuginfo | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p strip-locations,strip-locations --print-debuginfo | filecheck %s

// Ops and arguments forget where they come from.
// CHECK-LABEL: workflow.subworkflow @Known
// CHECK-NOT:   "f.kumeo"
workflow.subworkflow @Known (%x: i64 loc("f.kumeo":1:9)) -> (i64) {
  %a = data.neg %x : i64 loc("f.kumeo":2:1)
  workflow.return %a : i64
} loc("f.kumeo":1:1)

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
