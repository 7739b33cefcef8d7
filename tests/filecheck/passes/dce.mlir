// RUN: kumeo-opt %s --split-input-file -p dce | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p dce,dce | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p dce -o /dev/null --pass-statistics 2>&1 | filecheck %s --check-prefix=COUNT

// An op that nothing reads goes, and then what only it has read.
// CHECK-LABEL: workflow.subworkflow @Unread
// CHECK-NEXT:  workflow.return %x
// COUNT:       2  ops erased
workflow.subworkflow @Unread (%x: i64) -> (i64) {
  %a = data.neg %x : i64
  %b = data.neg %a : i64
  workflow.return %x : i64
}

// -----

// What is read stays.
// CHECK-LABEL: workflow.subworkflow @Read
// CHECK-NEXT:  data.neg
workflow.subworkflow @Read (%x: i64) -> (i64) {
  %a = data.neg %x : i64
  workflow.return %a : i64
}

// -----

// An agent stays, read or not: `agent-dce` decides about it.
// CHECK-LABEL: workflow.subworkflow @Agent
// CHECK-NEXT:  agent.llm
// CHECK-NEXT:  agent.review
workflow.subworkflow @Agent (%x: !data.str) {
  %a = agent.llm "m" (prompt = %x) id "a" site "a" : (!data.str) -> i1
  %v = agent.review (input = %x) settings {} id "v" site "v" : (!data.str) -> !data.record<{decision: !data.enum<"a">}>
  workflow.return
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
