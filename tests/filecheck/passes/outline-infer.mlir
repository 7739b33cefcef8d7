// RUN: kumeo-opt %s --split-input-file -p outline-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer,outline-infer | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p outline-infer --check-semantics -o /dev/null
// RUN: kumeo-opt %s --split-input-file -p outline-infer -o /dev/null --remarks 2>&1 | filecheck %s --check-prefix=REMARK

// A network, and the decision that reads it, become one program. Each agent unpacks its numbers.
// CHECK-LABEL: builtin.module
// CHECK-SAME:  kumeo.level = "numeric"
// CHECK:       agent.infer
// CHECK:       infer.bayes @risk
// CHECK:       infer.compare
// CHECK:       infer.rules
// CHECK:       infer.yield
// CHECK:       id "infer.risk" site "infer.risk"
// CHECK:       agent.process
// CHECK:       data.require {{.*}} "impossible-evidence" "the network gives the evidence probability zero"
// CHECK:       id "risk" site "risk"
// CHECK:       agent.process
// CHECK:       id "route" site "route"
// CHECK-NOT:   agent.bayes
// CHECK-NOT:   agent.decide
// REMARK-DAG:  `risk` starts the program `infer.risk`
// REMARK-DAG:  `route` is computed in `infer.risk`
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Both {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %p = data.get %f["yes"] : f64
      %l = data.constant 0.3 : f64
      %c = data.compare gt, %p, %l : f64
      %d = agent.decide first_match (hot = %c) outcomes ["block"] default "pass" id "route" site "route" : (i1) -> !data.record<{decision: !data.enum<"block", "pass">}>
      workflow.emit %d : !data.record<{decision: !data.enum<"block", "pass">}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// Evidence that is text may name a state that does not exist: the agent stays.
// CHECK-LABEL: builtin.module
// CHECK-NOT:   agent.infer
// CHECK:       agent.bayes @risk
// REMARK-DAG:  `risk` stays as it is: a value of the type !data.str is no number
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Text {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %w = data.cast %s : !data.str
      %r = agent.bayes @risk (Night = %w) query ["Fraud"] id "risk" site "risk" : (!data.str) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// Without its file nothing is known of a network.
// CHECK-LABEL: builtin.module
// CHECK-NOT:   agent.infer
// CHECK:       agent.bayes @risk
// REMARK-DAG:  `risk` stays as it is: its file cannot be read here
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/absent.bif")
  workflow.workflow @Absent {
    workflow.source @s nats("a") : i1
    workflow.target @t nats("t")
    workflow.on @s (%s: i1) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (i1) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}

// -----

// The empty module stays empty.
// CHECK-LABEL: builtin.module
// CHECK-NOT:   agent
builtin.module {
}
