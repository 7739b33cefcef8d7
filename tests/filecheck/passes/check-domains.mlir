// RUN: kumeo-opt %s --split-input-file -p check-domains | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p check-domains,check-domains | filecheck %s
// RUN: kumeo-opt %s --split-input-file --verify-diagnostics -p check-domains -o /dev/null

// A rule that never fires is reported and stays: the pass changes nothing.
// CHECK-LABEL: workflow.workflow @W
// CHECK:       agent.decide first_match (large = %large, huge = %huge)
// CHECK-NEXT:  workflow.emit %d
workflow.workflow @W {
  workflow.source @s nats("a") : !data.record<{amount: f64, email: !data.str}>
  workflow.target @t nats("t")
  workflow.on @s (%e: !data.record<{amount: f64, email: !data.str}>) {
    %amount = data.get %e["amount"] : f64
    %ten = data.constant 10.0 : f64
    %twenty = data.constant 20.0 : f64
    %large = data.compare gt, %amount, %ten : f64
    // expected-warning@+1 {{the rule `huge` of `size` never fires}}
    %huge = data.compare gt, %amount, %twenty : f64
    %d = agent.decide first_match (large = %large, huge = %huge) outcomes ["a", "b"] default "c" id "size" site "size" : (i1, i1) -> !data.record<{decision: !data.enum<"a", "b", "c">, rule: !data.str, score: !data.option<f64>}>
    workflow.emit %d : !data.record<{decision: !data.enum<"a", "b", "c">, rule: !data.str, score: !data.option<f64>}> to @t site "e"
    workflow.return
  }
}

// -----

// The empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NEXT:  }
