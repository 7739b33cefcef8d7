workflow.subworkflow @f () -> (f64, f64) {
  workflow.return %a, %b : f64, f64
}
