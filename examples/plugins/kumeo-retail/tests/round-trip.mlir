// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s

// Every op is printed as it is written.
// CHECK:      %net = retail.discount %price percent 2.000000e+01 : f64
// CHECK-NEXT: %have = retail.stock "berlin" (item = %item) id "have" site "have" policy<attempts = 2> : (!data.str) -> f64
// CHECK-NEXT: %more = retail.reorder (on_hand = %have, sold = %net) weeks 2.000000e+00 : f64 id "more" site "more" fallback {
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.subworkflow @S (%price: f64, %item: !data.str) -> (f64) {
    %net = retail.discount %price percent 20.0 : f64
    %have = retail.stock "berlin" (item = %item) id "have" site "have" policy<attempts = 2> : (!data.str) -> f64
    %more = retail.reorder (on_hand = %have, sold = %net) weeks 2.0 : f64 id "more" site "more" fallback {
      agent.yield %price : f64
    } : (f64, f64) -> f64
    workflow.return %more : f64
  }
}
