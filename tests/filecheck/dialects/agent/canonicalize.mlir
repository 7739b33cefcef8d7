// RUN: kumeo-opt %s --split-input-file -p canonicalize | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p canonicalize,canonicalize | filecheck %s

// A process that gives back an input or a constant is that value.
// CHECK-LABEL: workflow.workflow @Forward
// CHECK-NOT:   agent.process
// CHECK:       %{{.*}} = data.constant 1
// CHECK:       workflow.emit %x : f64 to @t site "e"
workflow.workflow @Forward {
  workflow.source @s nats("a") : f64
  workflow.target @t nats("t")
  workflow.on @s (%x: f64) {
    %a = agent.process (%x) do (%v: f64) {
      agent.yield %v : f64
    } id "a" site "a" : (f64) -> f64
    %b = agent.process (%x) do (%v: f64) {
      %one = data.constant 1.0 : f64
      agent.yield %one : f64
    } id "b" site "b" : (f64) -> f64
    workflow.emit %a : f64 to @t site "e"
    workflow.emit %b : f64 to @t site "f"
    workflow.return
  }
}

// -----

// Another operand that may fail would be the result: the process stays, and so does one that works.
// CHECK-LABEL: workflow.subworkflow @Stays
// CHECK:       id "two"
// CHECK:       id "constant"
// CHECK:       id "works"
// CHECK:       workflow.return
workflow.subworkflow @Stays (%x: f64, %y: f64) -> (f64, f64, f64) {
  %a = agent.process (%x, %y) do (%v: f64, %w: f64) {
    agent.yield %v : f64
  } id "two" site "a" : (f64, f64) -> f64
  %b = agent.process (%x) do (%v: f64) {
    %one = data.constant 1.0 : f64
    agent.yield %one : f64
  } id "constant" site "b" : (f64) -> f64
  %c = agent.process (%x) do (%v: f64) {
    %n = data.neg %v : f64
    agent.yield %n : f64
  } id "works" site "c" : (f64) -> f64
  workflow.return %a, %b, %c : f64, f64, f64
}

// -----

// A process with a fallback that acts observes its operand: it stays if that may fail.
// CHECK-LABEL: workflow.subworkflow @FallbackActs
// CHECK:       agent.process
// CHECK-LABEL: workflow.workflow @NeverFails
// CHECK-NOT:   agent.process
workflow.target @t nats("t")
workflow.subworkflow @FallbackActs (%x: f64) -> (f64) {
  %a = agent.process (%x) do (%v: f64) {
    agent.yield %v : f64
  } id "a" site "a" fallback {
    %n = workflow.now
    workflow.emit %n : !data.time to @t site "e"
    agent.yield
  } : (f64) -> f64
  workflow.return %a : f64
}
workflow.workflow @NeverFails {
  workflow.source @s nats("a") : f64
  workflow.on @s (%x: f64) {
    %a = agent.process (%x) do (%v: f64) {
      agent.yield %v : f64
    } id "a" site "a" fallback {
      %n = workflow.now
      workflow.emit %n : !data.time to @t site "e"
      agent.yield
    } : (f64) -> f64
    workflow.emit %a : f64 to @t site "after"
    workflow.return
  }
}

// -----

// Rules that never hold go, and so do those after one that always holds, even if they fail.
// CHECK-LABEL: workflow.subworkflow @FirstMatch
// CHECK:       agent.decide first_match (b = %a, d = %{{.*}}) outcomes ["y", "y"] default "n"
// CHECK-SAME:  : (i1, i1)
workflow.subworkflow @FirstMatch (%a: i1, %c: i1)
    -> (!data.record<{decision: !data.enum<"y", "n">, rule: !data.str, score: !data.option<f64>}>) {
  %t = data.constant true : i1
  %f = data.constant false : i1
  %r = agent.decide first_match (a = %f, b = %a, d = %t, c = %c)
    outcomes ["n", "y", "y", "n"] default "n" id "d" site "d" : (i1, i1, i1, i1)
    -> !data.record<{decision: !data.enum<"y", "n">, rule: !data.str, score: !data.option<f64>}>
  workflow.return %r
    : !data.record<{decision: !data.enum<"y", "n">, rule: !data.str, score: !data.option<f64>}>
}

// -----

// A decision by all rules looks at those after one that holds.
// CHECK-LABEL: workflow.subworkflow @AllMatch
// CHECK:       agent.decide all_match (d = %{{.*}}, c = %c) outcomes ["y", "n"]
workflow.subworkflow @AllMatch (%c: i1)
    -> (!data.record<{decision: !data.list<!data.enum<"y", "n">>, rule: !data.list<!data.str>}>) {
  %t = data.constant true : i1
  %f = data.constant false : i1
  %r = agent.decide all_match (a = %f, d = %t, c = %c)
    outcomes ["n", "y", "n"] default "n" id "d" site "d" : (i1, i1, i1)
    -> !data.record<{decision: !data.list<!data.enum<"y", "n">>, rule: !data.list<!data.str>}>
  workflow.return %r
    : !data.record<{decision: !data.list<!data.enum<"y", "n">>, rule: !data.list<!data.str>}>
}

// -----

// A first rule that holds, or a default that is left alone, is the answer.
// CHECK-LABEL: workflow.subworkflow @Known
// CHECK:       data.constant {decision = "y", rule = "a", score = null}
// CHECK:       data.constant {decision = "n", rule = "default"
// CHECK-NOT:   agent.decide
workflow.subworkflow @Known (%c: i1)
    -> (!data.record<{decision: !data.enum<"y", "n">, rule: !data.str, score: !data.option<f64>}>,
        !data.record<{decision: !data.enum<"y", "n">, rule: !data.str}>) {
  %t = data.constant true : i1
  %f = data.constant false : i1
  %p = agent.decide first_match (a = %t, b = %c) outcomes ["y", "n"] id "p" site "p" : (i1, i1)
    -> !data.record<{decision: !data.enum<"y", "n">, rule: !data.str, score: !data.option<f64>}>
  %q = agent.decide first_match (a = %f, b = %f) outcomes ["y", "n"] default "n" id "q" site "q"
    : (i1, i1) -> !data.record<{decision: !data.enum<"y", "n">, rule: !data.str}>
  workflow.return %p, %q
    : !data.record<{decision: !data.enum<"y", "n">, rule: !data.str, score: !data.option<f64>}>,
      !data.record<{decision: !data.enum<"y", "n">, rule: !data.str}>
}

// -----

// Without a default a decision in which no rule holds fails: it stays, with one rule. One by all
// rules is not decided by its first rule. Criteria are no rules.
// CHECK-LABEL: workflow.subworkflow @Undecided
// CHECK:       agent.decide first_match (a = %{{.*}}) outcomes ["y"] id "p"
// CHECK:       agent.decide all_match (a = %{{.*}}, b = %c) outcomes ["y", "n"] id "q"
// CHECK:       agent.decide weighted_sum (a = %{{.*}}) outcomes ["y"] id "r"
workflow.subworkflow @Undecided (%c: i1)
    -> (!data.record<{decision: !data.enum<"y", "n">}>,
        !data.record<{decision: !data.list<!data.enum<"y", "n">>}>,
        !data.record<{decision: !data.enum<"y", "n">}>) {
  %t = data.constant true : i1
  %f = data.constant false : i1
  %z = data.constant 0.0 : f64
  %p = agent.decide first_match (a = %f, b = %f) outcomes ["y", "n"] id "p" site "p"
    : (i1, i1) -> !data.record<{decision: !data.enum<"y", "n">}>
  %q = agent.decide all_match (a = %t, b = %c) outcomes ["y", "n"] id "q" site "q"
    : (i1, i1) -> !data.record<{decision: !data.list<!data.enum<"y", "n">>}>
  %r = agent.decide weighted_sum (a = %z) outcomes ["y"] id "r" site "r"
    : (f64) -> !data.record<{decision: !data.enum<"y", "n">}>
  workflow.return %p, %q, %r : !data.record<{decision: !data.enum<"y", "n">}>,
    !data.record<{decision: !data.list<!data.enum<"y", "n">>}>,
    !data.record<{decision: !data.enum<"y", "n">}>
}

// -----

// A fallback that is the only act of a condition that may fail keeps its decision.
// CHECK-LABEL: workflow.subworkflow @LastAct
// CHECK:       agent.decide
// CHECK-NOT:   agent.decide
workflow.target @t nats("t")
workflow.subworkflow @LastAct (%c: i1) -> (!data.record<{decision: !data.enum<"y", "n">}>) {
  %t = data.constant true : i1
  workflow.if %c {
    %p = agent.decide first_match (a = %t) outcomes ["y"] id "p" site "p" fallback {
      workflow.emit %c : i1 to @t site "e"
      agent.yield
    } : (i1) -> !data.record<{decision: !data.enum<"y", "n">}>
    workflow.yield
  }
  workflow.emit %c : i1 to @t site "other"
  %p = agent.decide first_match (a = %t) outcomes ["y"] id "q" site "q" fallback {
    workflow.emit %c : i1 to @t site "f"
    agent.yield
  } : (i1) -> !data.record<{decision: !data.enum<"y", "n">}>
  workflow.return %p : !data.record<{decision: !data.enum<"y", "n">}>
}
