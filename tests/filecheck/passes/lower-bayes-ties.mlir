// RUN: kumeo-opt %s -p outline-infer,lower-bayes,lower-decisions --check-semantics -o /dev/null
// RUN: kumeo-opt %s -p outline-infer,lower-bayes | filecheck %s

// The score of both outcomes is exactly a half, whatever the network says: a last digit decides.
// Little work is done in float64, which has the digits of the reference.
// CHECK:     infer.div {{.*}} -> (tensor<2x?xf64>)
// CHECK:     infer.score {{.*}} method "topsis"
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.model @risk bayesian("Inputs/risk.bif")
  workflow.workflow @Ties {
    workflow.source @s nats("s") : !data.enum<"on", "off">
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.enum<"on", "off">) {
      %r = agent.bayes @risk (Alarm = %s) query ["Fraud"] id "risk" site "risk" : (!data.enum<"on", "off">) -> !data.record<{Fraud: !data.record<{yes: f64, no: f64}>}>
      %f = data.get %r["Fraud"] : !data.record<{yes: f64, no: f64}>
      %y = data.get %f["yes"] : f64
      %n = data.get %f["no"] : f64
      %d = agent.decide topsis (y = %y, n = %n) outcomes ["low", "high", "never"] weights [0.5, 0.5] thresholds [0.0, 0.5, 2.0] id "d" site "d" : (f64, f64) -> !data.record<{decision: !data.enum<"low", "high", "never">, score: f64}>
      workflow.emit %d : !data.record<{decision: !data.enum<"low", "high", "never">, score: f64}> to @t site "x"
      workflow.return
    }
  }
}
