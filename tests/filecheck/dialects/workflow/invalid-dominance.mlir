// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// A value is read before it is made.
workflow.subworkflow @f () -> (f64) {
  // expected-error@+1 {{[ir-dominance] `data.add` reads %late, which is made only later}}
  %sum = "data.add"(%late, %late) : (f64, f64) -> f64
  %late = data.constant 1.0 : f64
  workflow.return %sum : f64
}

// -----

// A value of one branch does not exist after the branch.
workflow.subworkflow @f (%c: i1) {
  "workflow.if"(%c) ({
    %inner = "workflow.now"() : () -> !data.time
    "workflow.yield"() : () -> ()
  }, {
    "workflow.yield"() : () -> ()
  }) : (i1) -> ()
  // expected-error@+1 {{[ir-syntax] there is no value `%inner` here}}
  workflow.return %inner : !data.time
}

// -----

// The regions of an op cannot read its results.
workflow.subworkflow @f (%c: i1, %y: f64) {
  %r = workflow.if %c -> (f64) {
    // expected-error@+1 {{`workflow.yield` reads %r, which is made by the op around it}}
    workflow.yield %r : f64
  } else {
    workflow.yield %y : f64
  }
  workflow.return
}

// -----

// An isolated region sees only its arguments.
workflow.workflow @W {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %p = "agent.process"(%x) <{id = "p", site = "p"}> ({
    ^bb0(%a: f64):
      // expected-error@+1 {{`agent.yield` reads %x, which stands outside of the isolated region around it}}
      "agent.yield"(%x) : (f64) -> ()
    }) : (f64) -> f64
    workflow.return
  }
}

// -----

// An op that reads its own result.
workflow.subworkflow @f () {
  // expected-error@+1 {{`data.add` reads %x, which it makes itself}}
  %x = "data.add"(%x, %x) : (f64, f64) -> f64
  workflow.return
}
