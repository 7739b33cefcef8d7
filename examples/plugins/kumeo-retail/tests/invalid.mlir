// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// A discount takes away something between nothing and all.
workflow.subworkflow @S (%price: f64) -> (f64) {
  // expected-error@below {{a discount is 0 to 100 percent}}
  %net = retail.discount %price percent 120.0 : f64
  workflow.return %net : f64
}

// -----

// A warehouse has a name.
workflow.subworkflow @S (%item: !data.str) -> (f64) {
  // expected-error@below {{names no warehouse}}
  %have = retail.stock "" (item = %item) id "have" site "have" : (!data.str) -> f64
  workflow.return %have : f64
}

// -----

// Nothing lasts for no time.
workflow.subworkflow @S (%have: f64) -> (f64) {
  // expected-error@below {{`weeks` has to be positive}}
  %more = retail.reorder (on_hand = %have, sold = %have) weeks 0.0 : f64 id "m" site "m" : (f64, f64) -> f64
  workflow.return %more : f64
}
