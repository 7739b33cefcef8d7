// RUN: kumeo-opt %s --split-input-file -p check-flow-security | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p check-flow-security,check-flow-security | filecheck %s
// RUN: kumeo-opt %s --split-input-file --verify-diagnostics -p check-flow-security -o /dev/null

// Personal data for a model outside is reported and stays: the pass changes nothing.
// CHECK-LABEL: workflow.workflow @W
// CHECK:       agent.llm "a/b"
// CHECK-NEXT:  workflow.emit %r
workflow.workflow @W {
  workflow.source @s nats("a") : !data.record<{amount: f64, email: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{amount: f64, email: !data.str}>) {
    %p = data.get %e["email"] : !data.str
    // expected-warning@+1 {{`email` goes to `a/b`, which is outside}}
    %r = agent.llm "a/b" (prompt = %p) settings {} id "ask" site "ask" : (!data.str) -> !data.str
    workflow.emit %r : !data.str to @t site "e"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NEXT:  }
