// RUN: kumeo-opt %s --split-input-file -p 'cascade-llm{cheap="a/small" dear="a/large" field="sure" at-least=0.8}' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'cascade-llm{cheap="a/small" dear="a/large" field="sure" at-least=0.8},cascade-llm{cheap="a/small" dear="a/large" field="sure" at-least=0.8}' | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p 'cascade-llm{cheap="a/small" dear="a/large"}' | filecheck %s --check-prefix FAILED
// RUN: not kumeo-opt %s --split-input-file -p 'cascade-llm{cheap="a" dear="a"}' 2>&1 | filecheck %s --check-prefix WRONG
// RUN: kumeo-opt %s --split-input-file -p 'cascade-llm{cheap="a/small" dear="a/large" field="sure"}' --remarks 2>&1 | filecheck %s --check-prefix REMARK

// WRONG: error[invalid-pass-option]
// REMARK: cascade-llm: agent `x` asks `a/small` first
// REMARK: cascade-llm: agent `y` is not changed: its answer has no number `sure`
// REMARK: cascade-llm: agent `z` is not changed: its answer may be null, which stands for no answer here

// The cheap engine is asked in a `try`; the dear one, with its policy and fallback, only if needed.
// CHECK-LABEL: workflow.subworkflow @Cascade
// CHECK-NEXT:  %0, %1 = workflow.try -> (i1, !data.option<!data.record<{sure: f64}>>) {
// CHECK-NEXT:    %2 = agent.llm "a/small" (prompt = %s) settings {seed = 1 : i64} id "x:cheap" site "x:cheap" : (!data.str) -> !data.record<{sure: f64}>
// CHECK-NEXT:    %3 = data.get %2["sure"] : f64
// CHECK-NEXT:    %4 = data.constant 0.8 : f64
// CHECK-NEXT:    %5 = data.compare ge, %3, %4 : f64
// CHECK-NEXT:    %6 = data.some %2
// CHECK-NEXT:    workflow.yield %5, %6
// CHECK-NEXT:  } catch (%7: !data.record<{message: !data.str, agent: !data.str}>) {
// CHECK-NEXT:    %8 = data.constant false : i1
// CHECK-NEXT:    %9 = data.none
// CHECK-NEXT:    workflow.yield %8, %9
// CHECK-NEXT:  }
// CHECK-NEXT:  %a = workflow.if %0 -> (!data.record<{sure: f64}>) {
// CHECK-NEXT:    %10 = data.unwrap %1
// CHECK-NEXT:    workflow.yield %10
// CHECK-NEXT:  } else {
// CHECK-NEXT:    %a_1 = agent.llm "a/large" (prompt = %s) settings {seed = 1 : i64} id "x" site "x" policy<attempts = 2> attributes {kumeo.cascade = "a/small"}
// CHECK-NEXT:    workflow.yield %a_1
// CHECK-NEXT:  }
// CHECK-NEXT:  workflow.return %a
// FAILED-LABEL: workflow.subworkflow @Cascade
// FAILED:        agent.llm "a/small"
// FAILED-NEXT:   data.constant true : i1
// FAILED-NEXT:   data.some
workflow.subworkflow @Cascade (%s: !data.str) -> (!data.record<{sure: f64}>) {
  %a = agent.llm "a/large" (prompt = %s) settings {seed = 1 : i64} id "x" site "x" policy<attempts = 2> : (!data.str) -> !data.record<{sure: f64}>
  workflow.return %a : !data.record<{sure: f64}>
}

// -----

// Guard: another engine, an answer without the number, and one that may be null stay.
// CHECK-LABEL: workflow.subworkflow @Stay
// CHECK-NEXT:  agent.llm
// CHECK-NEXT:  agent.llm
// CHECK-NEXT:  agent.llm
// CHECK-NEXT:  workflow.return
// FAILED-LABEL: workflow.subworkflow @Stay
// FAILED-NOT:    id "z:cheap"
workflow.subworkflow @Stay (%s: !data.str) -> (!data.record<{sure: f64}>, !data.record<{sure: i64}>, !data.json) {
  %a = agent.llm "a/other" (prompt = %s) id "x" site "x" : (!data.str) -> !data.record<{sure: f64}>
  %b = agent.llm "a/large" (prompt = %s) id "y" site "y" : (!data.str) -> !data.record<{sure: i64}>
  %c = agent.llm "a/large" (prompt = %s) id "z" site "z" : (!data.str) -> !data.json
  workflow.return %a, %b, %c : !data.record<{sure: f64}>, !data.record<{sure: i64}>, !data.json
}

// -----

// A chain stays with the dear agent; the cheap one asks one engine. Tools that read go along.
// FAILED-LABEL: workflow.subworkflow @Chain
// FAILED:        agent.llm "a/small" (prompt = %s) settings {seed = 1 : i64} tools [@look] id "x:cheap"
// FAILED:        agent.llm "a/large" (prompt = %s) settings {engines = ["a/large", "b/other"], strategy = "round_robin", seed = 1 : i64} tools [@look] id "x"
agent.extern @look python("m:f") effects "read" {parameters = ["q"]} : (!data.str) -> f64
workflow.subworkflow @Chain (%s: !data.str) -> (i1) {
  %a = agent.llm "a/large" (prompt = %s) settings {engines = ["a/large", "b/other"], strategy = "round_robin", seed = 1 : i64} tools [@look] id "x" site "x" : (!data.str) -> i1
  workflow.return %a : i1
}

// -----

// Guard: two models would call tools that act, and two agents would have a budget each.
// REMARK: cascade-llm: agent `t` is not changed: its tools act, and two models would call them
// REMARK: cascade-llm: agent `u` is not changed: it has a budget, and two agents would have it each
// FAILED-LABEL: workflow.subworkflow @Alone
// FAILED-NEXT:   agent.llm "a/large"
// FAILED-NEXT:   agent.llm "a/large"
// FAILED-NEXT:   workflow.return
agent.extern @pay python("m:f") effects "acts" {parameters = ["q"]} : (!data.str) -> f64
workflow.subworkflow @Alone (%s: !data.str) -> (i1, i1) {
  %a = agent.llm "a/large" (prompt = %s) tools [@pay] effects "acts" id "t" site "t" : (!data.str) -> i1
  %b = agent.llm "a/large" (prompt = %s) settings {budget = {usd = 0.5 : f64, per = "event"}} id "u" site "u" : (!data.str) -> i1
  workflow.return %a, %b : i1, i1
}

// -----

// Nothing in an empty module changes.
// FAILED-LABEL: builtin.module @Empty
// CHECK-LABEL: builtin.module @Empty {
// CHECK-NEXT:  }
builtin.module @Empty {
}
