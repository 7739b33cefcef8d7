// RUN: kumeo-opt %s --split-input-file -p check-cost | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p check-cost,check-cost | filecheck %s
// RUN: kumeo-opt %s --split-input-file --verify-diagnostics -p check-cost -o /dev/null

// The worst case is told as a remark: the pass changes nothing.
// CHECK-LABEL: workflow.workflow @W
// CHECK:       agent.llm "a/b"
// CHECK-NEXT:  workflow.emit %r
workflow.workflow @W budget {calls = 3 : i64} {
  workflow.source @s nats("a") : !data.record<{amount: f64, email: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{amount: f64, email: !data.str}>) {
    %p = data.get %e["email"] : !data.str
    %r = agent.llm "a/b" (prompt = %p) settings {} id "ask" site "ask" policy<attempts = 3> : (!data.str) -> !data.str
    workflow.emit %r : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NEXT:  }
