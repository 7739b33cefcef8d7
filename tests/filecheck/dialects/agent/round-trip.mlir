// Every op of the agent dialect is printed as it is read, in the custom and the generic form.
// RUN: kumeo-opt %s --verify-roundtrip | filecheck %s
// RUN: kumeo-opt %s --print-op-generic | kumeo-opt --input-format mlir - | filecheck %s

!tx = !data.record<{id: !data.str, amount: f64}>
!answer = !data.enum<"yes", "no">

// CHECK: agent.extern @score python("rules:score") effects "pure" : (f64, f64) -> f64
agent.extern @score python("rules:score") effects "pure" : (f64, f64) -> f64
// CHECK-NEXT: agent.extern @look python("m:f") effects "acts" {parameters = ["q"], description = "d", isolate = true} attributes {seen} : (!data.str) -> f64
agent.extern @look python("m:f") effects "acts" {parameters = ["q"], description = "d", isolate = true} attributes {seen} : (!data.str) -> f64
// CHECK-NEXT: agent.extern @tick rust("clock::tick") effects "acts" attributes {seen} : () -> i64
agent.extern @tick rust("clock::tick") effects "acts" attributes {seen} : () -> i64

workflow.workflow @W {
  workflow.source @s nats("a") : !tx
  workflow.target @t nats("t")
  workflow.model @m onnx("m.onnx")
  workflow.model @net bayesian("n.bif")
  workflow.context @docs knowledge("docs")
  workflow.context @db database("postgres://db")
  workflow.on @s (%tx: !tx) {
    %x = data.get %tx["amount"] : f64
    %q = data.get %tx["id"] : !data.str
    %c = data.constant true : i1

    // CHECK: %clean = agent.process (%x, %q) do (%v: f64, %w: !data.str) {
    // CHECK-NEXT:   agent.yield %v : f64
    // CHECK-NEXT: } id "clean" site "clean" : (f64, !data.str) -> f64
    %clean = agent.process (%x, %q) do (%v: f64, %w: !data.str) {
      agent.yield %v : f64
    } id "clean" site "clean" : (f64, !data.str) -> f64

    // CHECK-NEXT: %m = agent.model @m (amount = %clean, "odd name" = %x) id "m" site "m" policy<timeout = 30, attempts = 3, backoff = exponential, delay = 5> cost<latency = 10, price = 0.5, tokens = 3> language "rust" fallback {
    // CHECK-NEXT:   agent.yield %x : f64
    // CHECK-NEXT: } : (f64, f64) -> f64
    %m = agent.model @m (amount = %clean, "odd name" = %x) id "m" site "m"
        policy<delay = 5, attempts = 3, timeout = 30, backoff = exponential>
        cost<latency = 10, price = 0.5, tokens = 3> language "rust" fallback {
      agent.yield %x : f64
    } : (f64, f64) -> f64

    // CHECK-NEXT: %plain = agent.model @m (%x) id "plain" site "plain" policy<attempts = 1> attributes {seen} : (f64) -> f64
    %plain = agent.model @m (%x) id "plain" site "plain" policy<attempts = 1> attributes {seen} : (f64) -> f64

    // CHECK-NEXT: %b = agent.bayes @net (region = %q) query ["fraud"] id "b" site "b" : (!data.str) -> !data.record<{fraud: !data.map<f64>}>
    %b = agent.bayes @net (region = %q) query ["fraud"] id "b" site "b" : (!data.str) -> !data.record<{fraud: !data.map<f64>}>

    // CHECK-NEXT: %d = agent.decide first_match (big = %c, odd = %c) outcomes ["no", "no"] default "yes" id "d" site "d" : (i1, i1) -> !data.record<{decision: !data.enum<"yes", "no">, rule: !data.str}>
    %d = agent.decide first_match (big = %c, odd = %c) outcomes ["no", "no"] default "yes" id "d" site "d" : (i1, i1) -> !data.record<{decision: !answer, rule: !data.str}>

    // CHECK-NEXT: %w2 = agent.decide weighted_sum (a = %x, b = %m) outcomes ["no", "yes"] weights [2.500000e-01 : f64, 7.500000e-01 : f64] thresholds [0.000000e+00 : f64, 5.000000e-01 : f64] id "w" site "w" : (f64, f64) -> !data.record<{decision: !data.enum<"yes", "no">}>
    %w2 = agent.decide weighted_sum (a = %x, b = %m) outcomes ["no", "yes"] weights [0.25, 0.75] thresholds [0.0, 0.5] id "w" site "w" : (f64, f64) -> !data.record<{decision: !answer}>

    // CHECK-NEXT: %l = agent.llm "ollama/llama3" (prompt = %q, system = %q) settings {temperature = 0.000000e+00 : f64} id "l" site "l" : (!data.str, !data.str) -> !data.enum<"yes", "no">
    %l = agent.llm "ollama/llama3" (prompt = %q, system = %q) settings {temperature = 0.0} id "l" site "l" : (!data.str, !data.str) -> !answer

    // The fallback handles the event itself and gives no value.
    // CHECK-NEXT: %l1 = agent.llm "a/b" (prompt = %q) settings {engines = ["a/b", "c/d"]} tools [@look] effects "acts" id "l1" site "l1" : (!data.str) -> i1
    %l1 = agent.llm "a/b" (prompt = %q) settings {engines = ["a/b", "c/d"]} tools [@look] effects "acts" id "l1" site "l1" : (!data.str) -> i1
    // CHECK-NEXT: %l2 = agent.llm "a/b" (prompt = %q) id "l2" site "l2" fallback {
    // CHECK-NEXT:   workflow.emit %tx : !data.record<{id: !data.str, amount: f64}> to @t site "l2/fallback"
    // CHECK-NEXT:   agent.yield
    // CHECK-NEXT: } : (!data.str) -> !data.str
    %l2 = agent.llm "a/b" (prompt = %q) id "l2" site "l2" fallback {
      workflow.emit %tx : !tx to @t site "l2/fallback"
      agent.yield
    } : (!data.str) -> !data.str

    // CHECK-NEXT: %all = agent.retrieve @docs () id "all" site "all" : () -> !data.str
    %all = agent.retrieve @docs () id "all" site "all" : () -> !data.str
    // CHECK-NEXT: %found = agent.retrieve @docs (query = %q) settings {top = 5 : i64} id "found" site "found" : (!data.str) -> !data.list<!data.record<{text: !data.str, source: !data.str, score: f64}>>
    %found = agent.retrieve @docs (query = %q) settings {top = 5} id "found" site "found" : (!data.str) -> !data.list<!data.record<{text: !data.str, source: !data.str, score: f64}>>
    // CHECK-NEXT: %rows = agent.query @db (id = %q) sql "select 1 where id = :id" id "rows" site "rows" : (!data.str) -> !data.list<f64>
    %rows = agent.query @db (id = %q) sql "select 1 where id = :id" id "rows" site "rows" : (!data.str) -> !data.list<f64>
    // CHECK-NEXT: %rev = agent.review (input = %tx) settings {timeout_us = 60 : i64} id "rev" site "rev" : (!data.record<{id: !data.str, amount: f64}>) -> !data.record<{decision: !data.enum<"yes", "no">}>
    %rev = agent.review (input = %tx) settings {timeout_us = 60} id "rev" site "rev" : (!tx) -> !data.record<{decision: !answer}>
    // CHECK-NEXT: %rev2 = agent.review (input = %tx, edit = %q) settings {due_us = 60 : i64, priority = 2 : i64} id "rev2" site "rev2" : (!data.record<{id: !data.str, amount: f64}>, !data.str) -> !data.record<{decision: !data.enum<"yes", "no">, value: !data.str}>
    %rev2 = agent.review (input = %tx, edit = %q) settings {due_us = 60, priority = 2} id "rev2" site "rev2" : (!tx, !data.str) -> !data.record<{decision: !answer, value: !data.str}>
    // CHECK-NEXT: %agg = agent.aggregate (key = %q, n = %tx, total = %x, top = %x) reducers ["count", "mean", "max"] window_us 600 : i64 id "agg" site "agg" : (!data.str, !data.record<{id: !data.str, amount: f64}>, f64, f64) -> !data.record<{n: i64, total: f64, top: f64}>
    %agg = agent.aggregate (key = %q, n = %tx, total = %x, top = %x) reducers ["count", "mean", "max"] window_us 600 id "agg" site "agg" : (!data.str, !tx, f64, f64) -> !data.record<{n: i64, total: f64, top: f64}>
    // CHECK-NEXT: %call = agent.call @score (%x, %m) effects "pure" id "call" site "call" : (f64, f64) -> f64
    %call = agent.call @score (%x, %m) effects "pure" id "call" site "call" : (f64, f64) -> f64
    workflow.return
  }
}
