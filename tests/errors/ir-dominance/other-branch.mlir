workflow.subworkflow @f (%c: i1) -> (f64) {
  workflow.if %c {
    %a = data.constant 1.0 : f64
    workflow.yield
  } else {
    %b = "data.add"(%later, %later) : (f64, f64) -> f64
    workflow.yield
  }
  %later = data.constant 2.0 : f64
  workflow.return %later : f64
}
