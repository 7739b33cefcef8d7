// RUN: kumeo-opt %s --split-input-file -p check-joins | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p check-joins,check-joins | filecheck %s
// RUN: kumeo-opt %s --split-input-file --verify-diagnostics -p check-joins -o /dev/null

// A wait without a timeout is reported and stays: the pass changes nothing.
// CHECK-LABEL: workflow.workflow @W
// CHECK:       agent.review (input = %e)
// CHECK-NEXT:  workflow.emit %r
workflow.workflow @W {
  workflow.source @s nats("a") : !data.record<{amount: f64, email: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{amount: f64, email: !data.str}>) {
    // expected-warning@+1 {{`check` waits without end}}
    %r = agent.review (input = %e) settings {} id "check" site "check" : (!data.record<{amount: f64, email: !data.str}>) -> !data.record<{decision: !data.enum<"yes", "no">}>
    workflow.emit %r : !data.record<{decision: !data.enum<"yes", "no">}> to @t site "e"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NEXT:  }
