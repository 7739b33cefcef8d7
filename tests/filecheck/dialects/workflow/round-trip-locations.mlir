// Locations of ops and of block arguments survive printing and parsing.
// RUN: kumeo-opt %s --print-debuginfo | filecheck %s
// RUN: kumeo-opt %s --print-debuginfo --print-op-generic | kumeo-opt --input-format mlir - --print-debuginfo | filecheck %s

workflow.workflow @W {
  workflow.source @s nats("a") : i1 loc("flow.kumeo":1:1)
  // CHECK: workflow.on @s (%c: i1 loc("flow.kumeo":2:8)) {
  workflow.on @s (%c: i1 loc("flow.kumeo":2:8)) {
    // CHECK-NEXT: %now = workflow.now loc("flow.kumeo":3:9)
    %now = workflow.now loc("flow.kumeo":3:9)
    // CHECK-NEXT: workflow.return loc(unknown)
    workflow.return loc(unknown)
  // CHECK-NEXT: } loc("flow.kumeo":2:1)
  } loc("flow.kumeo":2:1)
} loc("flow.kumeo":1:1)
