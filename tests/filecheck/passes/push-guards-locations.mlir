// RUN: kumeo-opt %s -p push-guards --print-debuginfo | filecheck %s

// A moved op keeps its place; the two halves of a condition stand at its place and at its reader's.
// CHECK-LABEL: workflow.subworkflow @Locations
// CHECK-NEXT:  workflow.if %c -> (i1) {
// CHECK-NEXT:    agent.llm {{.*}} loc("f.kumeo":1:1)
// CHECK-NEXT:    workflow.if %a
// CHECK:         } loc(fused["f.kumeo":3:1, "f.kumeo":2:1])
// CHECK-NEXT:    workflow.yield {{.*}} loc(fused["f.kumeo":3:1, "f.kumeo":2:1])
// CHECK-NEXT:  } else {
// CHECK-NEXT:    workflow.yield {{.*}} loc("f.kumeo":3:9)
// CHECK-NEXT:  } loc(fused["f.kumeo":3:1, "f.kumeo":2:1])
// CHECK-NEXT:  %e = workflow.if %c
// CHECK-NEXT:    agent.llm {{.*}} loc("f.kumeo":4:1)
// CHECK:         data.constant false : i1 loc("f.kumeo":5:1)
// CHECK:       } loc("f.kumeo":5:1)
workflow.subworkflow @Locations (%c: i1, %s: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %s) id "a" site "a" : (!data.str) -> i1 loc("f.kumeo":1:1)
  %b = data.and %c, %a loc("f.kumeo":2:1)
  %r = workflow.if %b -> (i1) {
    workflow.yield %c : i1
  } else {
    workflow.yield %c : i1 loc("f.kumeo":3:9)
  } loc("f.kumeo":3:1)
  %d = agent.llm "m" (prompt = %s) id "d" site "d" : (!data.str) -> i1 loc("f.kumeo":4:1)
  %e = data.and %c, %d loc("f.kumeo":5:1)
  workflow.return %r, %e : i1, i1
}
