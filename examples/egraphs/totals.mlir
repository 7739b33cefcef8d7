func.func @totals(%net: f64, %tax: f64) -> (f64) {
  %gross = data.add %net, %tax : f64
  %again = data.add %tax, %net : f64
  %double = data.mul %gross, %again : f64
  func.return %double : f64
}
