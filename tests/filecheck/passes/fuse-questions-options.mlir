// RUN: kumeo-opt %s -p 'fuse-questions{max-questions=2}' --remarks --print-debuginfo 2>&1 | filecheck %s
// RUN: kumeo-opt %s -p 'fuse-questions{max-questions=2},fuse-questions{max-questions=2}' --remarks --print-debuginfo 2>&1 | filecheck %s
// RUN: not kumeo-opt %s -p 'fuse-questions{max-questions=1}' 2>&1 | filecheck %s --check-prefix WRONG

// A call takes no more questions than the option says; the joined agent is at all its places.
// CHECK:       agent.llm {{.*}}kumeo.questions = ["a", "b"]{{.*}} loc(fused["f.kumeo":1:1, "f.kumeo":2:1])
// CHECK-NEXT:  data.get {{.*}} loc("f.kumeo":1:1)
// CHECK-NEXT:  data.get {{.*}} loc("f.kumeo":2:1)
// CHECK-NEXT:  agent.llm {{.*}} id "c"
// CHECK:       fuse-questions: agents `a`, `b` are asked in one call
// WRONG: error[invalid-pass-option]
workflow.subworkflow @Options (%s: !data.str) -> (i1, i1, i1) {
  %a = agent.llm "x" (prompt = %s) id "a" site "a" : (!data.str) -> i1 loc("f.kumeo":1:1)
  %b = agent.llm "x" (prompt = %s) id "b" site "b" : (!data.str) -> i1 loc("f.kumeo":2:1)
  %c = agent.llm "x" (prompt = %s) id "c" site "c" : (!data.str) -> i1 loc("f.kumeo":3:1)
  workflow.return %a, %b, %c : i1, i1, i1
}
