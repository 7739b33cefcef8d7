// RUN: kumeo-opt %s -p agent-dce
workflow.workflow @Cleared {
  workflow.source @payments nats("payments") : f64
  workflow.target @cleared nats("cleared")
  workflow.model @fraud onnx("fraud.onnx")
  workflow.on @payments (%amount: f64) {
    %f = agent.model @fraud (amount = %amount) id "fraud" site "fraud" : (f64) -> f64
    workflow.emit %amount : f64 to @cleared site "emit_1"
    workflow.return
  }
}
