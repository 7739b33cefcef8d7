// RUN: kumeo-opt %s -p outline-infer,lower-bayes -t onnx | filecheck %s

// The graph is printed with what lies beside the file.
// CHECK: infer.risk
// CHECK: Gather
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @W {
    workflow.source @s nats("a") : !data.enum<"yes", "no">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"yes", "no">) {
      %r = agent.bayes @risk (Night = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"yes", "no">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      workflow.emit %r : !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}> to @t site "x"
      workflow.return
    }
  }
}
