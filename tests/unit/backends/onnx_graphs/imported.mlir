// One model file twice in a graph; `test_imported.py` reads it.
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @W {
    workflow.source @events nats("events") : f64
    workflow.target @out nats("out")
    workflow.model @anomaly onnx("models/a.onnx")
    workflow.on @events (%a: f64) {
      %n = agent.infer (amount = %a, hour = %a, x = %a) do (%x: tensor<?xf64>, %y: tensor<?xf64>, %z: tensor<?xf64>) {
        %p = infer.expand_dims (%x) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %q = infer.expand_dims (%y) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %r = infer.expand_dims (%z) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %m = infer.concat (%p, %q, %r) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x3xf64>)
        %f = infer.cast (%m) to "f32" : (tensor<?x3xf64>) -> (tensor<?x3xf32>)
        %s = infer.onnx @anomaly (%f) : (tensor<?x3xf32>) -> (tensor<?x1xf32>)
        %t = infer.onnx @anomaly (%f) : (tensor<?x3xf32>) -> (tensor<?x1xf32>)
        %u = infer.add (%s, %t) : (tensor<?x1xf32>, tensor<?x1xf32>) -> (tensor<?x1xf32>)
        %v = infer.squeeze (%u) axes array<i64: 1> : (tensor<?x1xf32>) -> (tensor<?xf32>)
        %w = infer.cast (%v) to "f64" : (tensor<?xf32>) -> (tensor<?xf64>)
        infer.yield (%w) : (tensor<?xf64>) -> ()
      } id "n" site "n" : (f64, f64, f64) -> !data.record<{score: f64}>
      workflow.emit %n : !data.record<{score: f64}> to @out site "out"
      workflow.return
    }
  }
}
