// RUN: kumeo-opt %s -t onnx

builtin.module {
  workflow.workflow @Alarms {
    workflow.source @temperatures nats("temperatures") : f64
    workflow.target @out nats("out")
    workflow.on @temperatures (%t: f64) {
      %n = agent.infer (t = %t) do (%x: tensor<?xf64>) {
        %limit = infer.constant () value dense<9.0> : tensor<f64> : () -> (tensor<f64>)
        %hot = infer.compare (%x, %limit) predicate "gt" : (tensor<?xf64>, tensor<f64>) -> (tensor<?xi1>)
        %i = infer.rules (%hot) : (tensor<?xi1>) -> (tensor<?xi64>)
        infer.yield (%i) : (tensor<?xi64>) -> ()
      } id "n" site "n" : (f64) -> !data.record<{rule: i64}>
      workflow.emit %n : !data.record<{rule: i64}> to @out site "out"
      workflow.return
    }
  }
}
