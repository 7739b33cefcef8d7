// RUN: kumeo-opt %s --split-input-file -p cse | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p cse,cse | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p cse --print-debuginfo | filecheck %s --check-prefix=LOC

// An op that computes what an earlier one has computed is erased.
// CHECK-LABEL: workflow.subworkflow @Equal
// CHECK-NEXT:  %a = data.len %text
// CHECK-NEXT:  workflow.return %a, %a
workflow.subworkflow @Equal (%text: !data.str) -> (i64, i64) {
  %a = data.len %text
  %b = data.len %text
  workflow.return %a, %b : i64, i64
}

// -----

// The op that stays is at both places.
// CHECK-LABEL: workflow.subworkflow @Places
// LOC:         data.len %text loc(fused["f.kumeo":1:1, "f.kumeo":2:1])
workflow.subworkflow @Places (%text: !data.str) -> (i64, i64) {
  %a = data.len %text loc("f.kumeo":1:1)
  %b = data.len %text loc("f.kumeo":2:1)
  workflow.return %a, %b : i64, i64
}

// -----

// Other operands or other settings: both stay.
// CHECK-LABEL: workflow.subworkflow @Different
// CHECK-NEXT:  data.call "lower"(%x)
// CHECK-NEXT:  data.call "lower"(%y)
// CHECK-NEXT:  data.call "upper"(%x)
workflow.subworkflow @Different (%x: !data.str, %y: !data.str) -> (!data.str, !data.str, !data.str) {
  %a = data.call "lower"(%x) : !data.str
  %b = data.call "lower"(%y) : !data.str
  %c = data.call "upper"(%x) : !data.str
  workflow.return %a, %b, %c : !data.str, !data.str, !data.str
}

// -----

// Equal agents are not its matter: an agent is a call that is made twice.
// CHECK-LABEL: workflow.subworkflow @Agents
// CHECK-NEXT:  agent.llm
// CHECK-NEXT:  agent.llm
workflow.subworkflow @Agents (%x: !data.str) -> (i1, i1) {
  %a = agent.llm "m" (prompt = %x) id "a" site "a" : (!data.str) -> i1
  %b = agent.llm "m" (prompt = %x) id "b" site "b" : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// An op in one branch is not there for the other one.
// CHECK-LABEL: workflow.subworkflow @Branches
// CHECK:       data.len
// CHECK:       else
// CHECK:       data.len
workflow.subworkflow @Branches (%c: i1, %x: !data.str) -> (i64) {
  %r = workflow.if %c -> (i64) {
    %a = data.len %x
    workflow.yield %a : i64
  } else {
    %b = data.len %x
    workflow.yield %b : i64
  }
  workflow.return %r : i64
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
