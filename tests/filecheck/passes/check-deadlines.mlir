// RUN: kumeo-opt %s --split-input-file -p check-deadlines | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p check-deadlines,check-deadlines | filecheck %s
// RUN: kumeo-opt %s --split-input-file --verify-diagnostics -p check-deadlines -o /dev/null

// An agent that outlasts the ack wait is reported and stays: the pass changes nothing.
// CHECK-LABEL: workflow.workflow @W
// CHECK:       agent.llm "a/b"
// CHECK-NEXT:  workflow.emit %r
workflow.workflow @W {
  workflow.source @s nats("a") {ack_wait_s = 10 : i64} : !data.record<{amount: f64, email: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{amount: f64, email: !data.str}>) {
    %p = data.get %e["email"] : !data.str
    // expected-warning@+1 {{`ask` can take 30s, the ack wait of `s` is only 10s}}
    %r = agent.llm "a/b" (prompt = %p) settings {} id "ask" site "ask" policy<timeout = 30000000, attempts = 1> : (!data.str) -> !data.str
    workflow.emit %r : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NEXT:  }
