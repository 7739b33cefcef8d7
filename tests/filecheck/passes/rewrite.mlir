// RUN: kumeo-opt %s --split-input-file -p 'rewrite{file="%S/Inputs/calls.pdl.mlir"}' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'rewrite{file="%S/Inputs/calls.pdl.mlir"},rewrite{file="%S/Inputs/calls.pdl.mlir"}' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'rewrite{file="%S/Inputs/calls.pdl.mlir"}' --print-debuginfo | filecheck %s --check-prefix=LOC
// RUN: kumeo-opt %s --split-input-file -p 'rewrite{file="%S/Inputs/calls.pdl.mlir"}' -o /dev/null --remarks --pass-statistics 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: not kumeo-opt %s --split-input-file -p 'rewrite{file="%S/Inputs/calls.pdl.mlir"}' --check-semantics 2>&1 | filecheck %s --check-prefix=MEANING

// A pattern of two calls leaves one, and again, until it fits no more.
// CHECK-LABEL: workflow.subworkflow @Lower
// CHECK-NEXT:  %a = data.call "lower"(%x)
// CHECK-NEXT:  workflow.return %a
// REMARK:      2  rewrites by `lower_twice`
// REMARK-DAG:  rewrite: is rewritten by `lower_twice`
workflow.subworkflow @Lower (%x: !data.str) -> (!data.str) {
  %a = data.call "lower"(%x) : !data.str
  %b = data.call "lower"(%a) : !data.str
  %c = data.call "lower"(%b) : !data.str
  workflow.return %c : !data.str
}

// -----

// What no pattern describes stays.
// CHECK-LABEL: workflow.subworkflow @Other
// CHECK-NEXT:  data.call "upper"
// CHECK-NEXT:  data.call "upper"
workflow.subworkflow @Other (%x: !data.str) -> (!data.str) {
  %a = data.call "upper"(%x) : !data.str
  %b = data.call "upper"(%a) : !data.str
  workflow.return %b : !data.str
}

// -----

// Of two patterns that fit the one with the larger benefit is taken.
// CHECK-LABEL: workflow.subworkflow @Benefit
// CHECK-NEXT:  data.call "lower"
// CHECK-NEXT:  workflow.return
workflow.subworkflow @Benefit (%x: !data.str) -> (!data.str) {
  %a = data.call "lower"(%x) : !data.str
  %b = data.call "trim"(%a) : !data.str
  workflow.return %b : !data.str
}

// -----

// A new op is at the place of the one that was matched.
// CHECK-LABEL: workflow.subworkflow @Place
// CHECK-NEXT:  data.call "upper"
// LOC:         data.call "upper"(%x) : !data.str loc("f.kumeo":1:1)
workflow.subworkflow @Place (%x: !data.str) -> (!data.str) {
  %a = data.call "trim"(%x) : !data.str loc("f.kumeo":1:1)
  workflow.return %a : !data.str
}

// -----

// A pattern that is wrong is found by the check of the meaning.
// CHECK-LABEL: workflow.workflow @Wrong
// CHECK:       data.call "upper"
// MEANING: error[meaning-changed]: pass `rewrite` changes what workflow `Wrong` does
workflow.workflow @Wrong {
  workflow.source @s nats("s") : !data.str
  workflow.target @t nats("t")
  workflow.on @s (%x: !data.str) {
    %a = data.call "trim"(%x) : !data.str
    workflow.emit %a : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
