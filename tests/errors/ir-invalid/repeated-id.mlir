workflow.model @m onnx("m.onnx")
workflow.subworkflow @f (%x: f64) {
  %a = agent.model @m (x = %x) id "score" site "a" : (f64) -> f64
  %b = agent.model @m (x = %x) id "score" site "b" : (f64) -> f64
  workflow.return
}
