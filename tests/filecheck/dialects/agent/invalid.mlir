// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// What all agents have in common: policy, cost, language, fallback, names.
workflow.model @m onnx("m.onnx")
workflow.subworkflow @f (%x: f64, %s: !data.str) {
  // expected-error@+1 {{a policy of 0 attempts never runs the agent: write at least 1}}
  %a = agent.model @m (x = %x) id "a" site "a" policy<attempts = 0> : (f64) -> f64
  // expected-error@+1 {{the timeout is 0 us: write a positive time}}
  %b = agent.model @m (x = %x) id "b" site "b" policy<timeout = 0> : (f64) -> f64
  // expected-error@+1 {{unknown backoff `linear`: write one of none, fixed, exponential}}
  %c = agent.model @m (x = %x) id "c" site "c" policy<backoff = linear, delay = 1> : (f64) -> f64
  // expected-error@+1 {{the delay is -1 us: write a time that is not negative}}
  %d = agent.model @m (x = %x) id "d" site "d" policy<delay = -1> : (f64) -> f64
  // expected-error@+1 {{a backoff `fixed` needs a delay}}
  %e = agent.model @m (x = %x) id "e" site "e" policy<backoff = fixed> : (f64) -> f64
  // expected-error@+1 {{a cost is negative}}
  %f = agent.model @m (x = %x) id "f" site "f" cost<tokens = -5> : (f64) -> f64
  // expected-error@+1 {{cannot run in `cobol`: write one of python, rust}}
  %g = agent.model @m (x = %x) id "g" site "g" language "cobol" : (f64) -> f64
  // expected-error@+1 {{the fallback takes no arguments}}
  %h = "agent.model"(%x) <{id = "h", site = "h", model = @m, names = []}> ({
  ^bb0(%y: f64):
    agent.yield %y : f64
  }) : (f64) -> f64
  %i = agent.model @m (x = %x) id "i" site "i" fallback {
    // expected-error@+1 {{yields !data.str, but the agent gives f64}}
    agent.yield %s : !data.str
  } : (f64) -> f64
  // expected-error@+1 {{two inputs have the same name}}
  %j = agent.model @m (x = %x, x = %x) id "j" site "j" : (f64, f64) -> f64
  // expected-error@+1 {{has 1 inputs but 2 names for them}}
  %k = "agent.model"(%x) <{id = "k", site = "k", model = @m, names = ["a", "b"]}> : (f64) -> f64
  // expected-error@+1 {{i32 is no data type}}
  %l = agent.model @m (x = %x) id "l" site "l" : (f64) -> i32
  // expected-error@+1 {{a model needs at least one input}}
  %n = agent.model @m () id "n" site "n" : () -> f64
  workflow.return
}

// -----

// An id is unique in its body; a site is unique in its workflow.
workflow.model @m onnx("m.onnx")
workflow.subworkflow @f (%x: f64, %c: i1) {
  %a = agent.model @m (x = %x) id "a" site "a" : (f64) -> f64
  // expected-error@+1 {{uses the id "a" again: give it an id of its own}}
  %b = agent.model @m (x = %x) id "a" site "b" : (f64) -> f64
  // expected-error@+1 {{uses the site "a" again: give it a site of its own}}
  %d = agent.model @m (x = %x) id "d" site "a" : (f64) -> f64
  workflow.return
}

// -----

// Branches and a handler may share an id, but not with what stands before or after them.
workflow.model @m onnx("m.onnx")
workflow.subworkflow @f (%x: f64, %c: i1) {
  workflow.if %c {
    %a = agent.model @m (x = %x) id "a" site "a" : (f64) -> f64
    workflow.yield
  } else {
    %a = agent.model @m (x = %x) id "a" site "a2" : (f64) -> f64
    workflow.yield
  }
  // expected-error@+1 {{uses the id "a" again}}
  %b = agent.model @m (x = %x) id "a" site "b" : (f64) -> f64
  workflow.return
}
workflow.subworkflow @g (%x: f64, %c: i1) {
  workflow.try {
    %a = agent.model @m (x = %x) id "a" site "a" : (f64) -> f64
    workflow.yield
  } catch (%e: !data.record<{message: !data.str, agent: !data.str}>) {
    %a = agent.model @m (x = %x) id "a" site "b" : (f64) -> f64
    workflow.yield
  }
  // expected-error@+1 {{uses the id "a" again}}
  %b = agent.model @m (x = %x) id "a" site "c" : (f64) -> f64
  workflow.return
}

// -----

// The region of a process holds data ops and takes the inputs.
workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{the arguments of the region differ from the inputs}}
  %a = agent.process (%x) do (%y: i64) {
    %k = data.constant 1.0 : f64
    agent.yield %k : f64
  } id "a" site "a" : (f64) -> f64
  %b = agent.process (%x) do (%y: f64) {
    // expected-error@+1 {{stands in the region of an `agent.process`, which holds only `data` ops: move it out}}
    %now = workflow.now
    agent.yield %y : f64
  } id "b" site "b" : (f64) -> f64
  // expected-error@+1 {{has a region that ends in `workflow.yield`: end it with `agent.yield`}}
  %c = agent.process (%x) do (%y: f64) {
    workflow.yield
  } id "c" site "c" : (f64) -> f64
  workflow.return
}

// -----

// Evidence, questions and answers of a network.
workflow.model @net bayesian("n.bif")
workflow.subworkflow @f (%x: f64, %s: !data.str) {
  // expected-error@+1 {{evidence is an enum, text or i1, not f64}}
  %a = agent.bayes @net (a = %x) query ["q"] id "a" site "a" : (f64) -> !data.record<{q: !data.map<f64>}>
  // expected-error@+1 {{asks nothing: name a variable in `query`}}
  %b = agent.bayes @net (a = %s) query [] id "b" site "b" : (!data.str) -> !data.record<{}>
  // expected-error@+1 {{`a` is both evidence and asked for}}
  %c = agent.bayes @net (a = %s) query ["a"] id "c" site "c" : (!data.str) -> !data.record<{a: !data.map<f64>}>
  // expected-error@+1 {{the result is a record with one field for each variable in `query`}}
  %d = agent.bayes @net (a = %s) query ["q"] id "d" site "d" : (!data.str) -> f64
  // expected-error@+1 {{each piece of evidence needs a name}}
  %e = agent.bayes @net (%s) query ["q"] id "e" site "e" : (!data.str) -> !data.record<{q: !data.map<f64>}>
  workflow.return
}

// -----

// Decisions.
!d = !data.record<{decision: !data.enum<"a", "b">}>
workflow.subworkflow @f (%x: f64, %c: i1) {
  // expected-error@+1 {{unknown mode `guess`: write one of first_match}}
  %a = agent.decide guess (r = %c) outcomes ["a"] id "a" site "a" : (i1) -> !d
  // expected-error@+1 {{decides by nothing: give at least one rule or criterion}}
  %b = agent.decide first_match () outcomes [] id "b" site "b" : () -> !d
  // expected-error@+1 {{the condition of a rule is an i1}}
  %c1 = agent.decide first_match (r = %x) outcomes ["a"] id "c" site "c" : (f64) -> !d
  // expected-error@+1 {{has 1 rules but 2 outcomes}}
  %d = agent.decide first_match (r = %c) outcomes ["a", "b"] id "d" site "d" : (i1) -> !d
  // expected-error@+1 {{the outcome `z` is none of a, b}}
  %e = agent.decide first_match (r = %c) outcomes ["a"] default "z" id "e" site "e" : (i1) -> !d
  // expected-error@+1 {{`first_match` takes no weights or thresholds}}
  %f = agent.decide first_match (r = %c) outcomes ["a"] weights [1.0] id "f" site "f" : (i1) -> !d
  // expected-error@+1 {{a criterion is an f64}}
  %g = agent.decide weighted_sum (r = %c) outcomes ["a"] id "g" site "g" : (i1) -> !d
  // expected-error@+1 {{has 1 criteria but 2 weights}}
  %h = agent.decide weighted_sum (r = %x) outcomes ["a"] weights [1.0, 2.0] id "h" site "h" : (f64) -> !d
  // expected-error@+1 {{weights are positive numbers}}
  %i = agent.decide weighted_sum (r = %x) outcomes ["a"] weights [0.0] id "i" site "i" : (f64) -> !d
  // expected-error@+1 {{has 1 outcomes but 2 thresholds}}
  %j = agent.decide weighted_sum (r = %x) outcomes ["a"] thresholds [0.0, 1.0] id "j" site "j" : (f64) -> !d
  // expected-error@+1 {{thresholds rise from one outcome to the next}}
  %k = agent.decide weighted_sum (r = %x) outcomes ["a", "b"] thresholds [1.0, 0.0] id "k" site "k" : (f64) -> !d
  // expected-error@+1 {{the result is a record with an enum field `decision`}}
  %l = agent.decide first_match (r = %c) outcomes ["a"] id "l" site "l" : (i1) -> f64
  workflow.return
}

// -----

// Agents that ask the outside world.
workflow.context @docs knowledge("docs")
workflow.context @db database("db")
workflow.subworkflow @f (%x: f64, %s: !data.str) {
  // expected-error@+1 {{names no model}}
  %a = agent.llm "" (prompt = %s) id "a" site "a" : (!data.str) -> !data.str
  // expected-error@+1 {{operand 'prompt' at position 0 does not verify}}
  %b = agent.llm "a/b" (prompt = %x) id "b" site "b" : (f64) -> !data.str
  // expected-error@+1 {{gives !data.str without a query, not f64}}
  %c = agent.retrieve @docs () id "c" site "c" : () -> f64
  // expected-error@+1 {{asks nothing: write a query in `sql`}}
  %d = agent.query @db () sql " " id "d" site "d" : () -> f64
  // expected-error@+1 {{each parameter needs a name}}
  %e = agent.query @db (%s) sql "select 1" id "e" site "e" : (!data.str) -> f64
  // expected-error@+1 {{the result is a record with an enum field `decision`}}
  %g = agent.review (input = %x) id "g" site "g" : (f64) -> !data.str
  // expected-error@+1 {{the timeout is -1 us: write a positive time}}
  %h = agent.review (input = %x) settings {timeout_us = -1} id "h" site "h" : (f64) -> !data.record<{decision: !data.enum<"a">}>
  // expected-error@+1 {{the reminder is 0 us: write a positive time}}
  %h2 = agent.review (input = %x) settings {reminder_us = 0} id "h2" site "h2" : (f64) -> !data.record<{decision: !data.enum<"a">}>
  // expected-error@+1 {{the result has no field `value` of the type f64 of `edit`}}
  %h3 = agent.review (input = %s, edit = %x) id "h3" site "h3" : (!data.str, f64) -> !data.record<{decision: !data.enum<"a">}>
  // expected-error@+1 {{the result has no field `value` of the type f64 of `edit`}}
  %h4 = agent.review (input = %s, edit = %x) id "h4" site "h4" : (!data.str, f64) -> !data.record<{decision: !data.enum<"a">, value: i64}>
  workflow.return
}

// -----

// Aggregates.
workflow.subworkflow @f (%x: f64, %s: !data.str) {
  // expected-error@+1 {{unknown reducer `median`: write one of count, sum}}
  %a = agent.aggregate (key = %s, m = %x) reducers ["median"] id "a" site "a" : (!data.str, f64) -> !data.record<{m: f64}>
  // expected-error@+1 {{reduces nothing: give at least one reducer}}
  %b = agent.aggregate (key = %s) reducers [] id "b" site "b" : (!data.str) -> !data.record<{}>
  // expected-error@+1 {{has 1 values but 2 reducers}}
  %c = agent.aggregate (key = %s, m = %x) reducers ["sum", "max"] id "c" site "c" : (!data.str, f64) -> !data.record<{m: f64}>
  // expected-error@+1 {{the window is 0 us: write a positive time}}
  %d = agent.aggregate (key = %s, m = %x) reducers ["sum"] window_us 0 id "d" site "d" : (!data.str, f64) -> !data.record<{m: f64}>
  // expected-error@+1 {{`sum` needs numbers, not !data.str}}
  %e = agent.aggregate (key = %s, m = %s) reducers ["sum"] id "e" site "e" : (!data.str, !data.str) -> !data.record<{m: !data.str}>
  // expected-error@+1 {{gives !data.record<{m: i64}>, not !data.record<{m: f64}>}}
  %g = agent.aggregate (key = %s, m = %s) reducers ["count"] id "g" site "g" : (!data.str, !data.str) -> !data.record<{m: f64}>
  // expected-error@+1 {{each reducer needs a name}}
  %h = agent.aggregate (%s, %x) reducers ["sum"] id "h" site "h" : (!data.str, f64) -> !data.record<{m: f64}>
  workflow.return
}

// -----

// Functions of the user and their calls.
// expected-error@+1 {{unknown language `perl`: write one of python, rust}}
agent.extern @a perl("x") effects "pure" : (f64) -> f64
// expected-error@+1 {{unknown effects `maybe`: write one of pure, read, acts}}
agent.extern @b python("x") effects "maybe" : (f64) -> f64
// expected-error@+1 {{a function gives exactly one result}}
agent.extern @c python("x") effects "pure" : (f64) -> ()
agent.extern @good python("x") effects "read" : (f64) -> f64
workflow.subworkflow @f (%x: f64, %n: i64) {
  // expected-error@+1 {{unknown effects `maybe`}}
  %d = agent.call @good (%x) effects "maybe" id "d" site "d" : (f64) -> f64
  // expected-error@+1 {{says effects "pure", but `@good` declares "read"}}
  %e = agent.call @good (%x) effects "pure" id "e" site "e" : (f64) -> f64
  // expected-error@+1 {{is (i64) -> f64, but `@good` is (f64) -> f64}}
  %g = agent.call @good (%n) effects "read" id "g" site "g" : (i64) -> f64
  workflow.return
}

// -----

// Symbols of the wrong sort.
workflow.model @net bayesian("n.bif")
workflow.context @docs knowledge("docs")
workflow.subworkflow @f (%x: f64, %s: !data.str) {
  // expected-error@+1 {{uses `@net`, a model of the kind bayesian: it needs onnx or sklearn}}
  %a = agent.model @net (x = %x) id "a" site "a" : (f64) -> f64
  // expected-error@+1 {{uses `@docs`, a context of the kind knowledge: it needs database or table}}
  %b = agent.query @docs () sql "select 1" id "b" site "b" : () -> f64
  // expected-error@+1 {{uses `@net`, which is a model, not a context}}
  %c = agent.retrieve @net () id "c" site "c" : () -> !data.str
  // expected-error@+1 {{uses `@docs`, which is a context, not a function}}
  %d = agent.call @docs (%x) effects "acts" id "d" site "d" : (f64) -> f64
  workflow.return
}

// -----

// Language models: engines, limits, tools.
agent.extern @look python("m:f") effects "read" {parameters = ["q"]} : (!data.str) -> f64
agent.extern @pay python("m:g") effects "acts" {parameters = ["q"]} : (!data.str) -> f64
agent.extern @bare python("m:h") effects "read" : (!data.str) -> f64
// expected-error@+1 {{has 1 parameters, but 2 names for them}}
agent.extern @many python("m:i") effects "read" {parameters = ["q", "r"]} : (!data.str) -> f64
workflow.subworkflow @f (%s: !data.str) {
  // expected-error@+1 {{the first of `engines` is another one than its engine}}
  %a = agent.llm "a/b" (prompt = %s) settings {engines = ["c/d", "a/b"]} id "a" site "a" : (!data.str) -> i1
  // expected-error@+1 {{names an engine twice}}
  %b = agent.llm "a/b" (prompt = %s) settings {engines = ["a/b", "a/b"]} id "b" site "b" : (!data.str) -> i1
  // expected-error@+1 {{unknown strategy `any`: write one of fallback, round_robin}}
  %c = agent.llm "a/b" (prompt = %s) settings {strategy = "any"} id "c" site "c" : (!data.str) -> i1
  // expected-error@+1 {{unknown mode `sure`: write one of auto, decision}}
  %d = agent.llm "a/b" (prompt = %s) settings {mode = "sure"} id "d" site "d" : (!data.str) -> i1
  // expected-error@+1 {{decides, but gives !data.str}}
  %e = agent.llm "a/b" (prompt = %s) settings {mode = "decision"} id "e" site "e" : (!data.str) -> !data.str
  // expected-error@+1 {{the budget limits nothing: write `tokens` or `usd`}}
  %g = agent.llm "a/b" (prompt = %s) settings {budget = {per = "day"}} id "g" site "g" : (!data.str) -> i1
  // expected-error@+1 {{the limits of a budget are above zero}}
  %h = agent.llm "a/b" (prompt = %s) settings {budget = {tokens = 0 : i64}} id "h" site "h" : (!data.str) -> i1
  // expected-error@+1 {{unknown per `week`: write one of event, hour, day}}
  %i = agent.llm "a/b" (prompt = %s) settings {budget = {tokens = 5 : i64, per = "week"}} id "i" site "i" : (!data.str) -> i1
  // expected-error@+1 {{the budget is no dictionary}}
  %j = agent.llm "a/b" (prompt = %s) settings {budget = 5 : i64} id "j" site "j" : (!data.str) -> i1
  // expected-error@+1 {{names a tool twice}}
  %k = agent.llm "a/b" (prompt = %s) tools [@look, @look] id "k" site "k" : (!data.str) -> i1
  // expected-error@+1 {{uses `@missing`, but no function has this name}}
  %l = agent.llm "a/b" (prompt = %s) tools [@missing] id "l" site "l" : (!data.str) -> i1
  // expected-error@+1 {{uses `@f`, which is a subworkflow, not a function}}
  %m = agent.llm "a/b" (prompt = %s) tools [@f] id "m" site "m" : (!data.str) -> i1
  // expected-error@+1 {{calls `@bare`, whose parameters have no names}}
  %n = agent.llm "a/b" (prompt = %s) tools [@bare] id "n" site "n" : (!data.str) -> i1
  // expected-error@+1 {{calls `@pay`: write effects "acts"}}
  %o = agent.llm "a/b" (prompt = %s) tools [@pay] id "o" site "o" : (!data.str) -> i1
  // expected-error@+1 {{says effects "acts", but no tool of it acts}}
  %p = agent.llm "a/b" (prompt = %s) tools [@look] effects "acts" id "p" site "p" : (!data.str) -> i1
  // expected-error@+1 {{acts, so its answers cannot come from a cache}}
  %q = agent.llm "a/b" (prompt = %s) settings {cache = true} tools [@pay] effects "acts" id "q" site "q" : (!data.str) -> i1
  // expected-error@+1 {{unknown effects `read`: write one of acts}}
  %r = agent.llm "a/b" (prompt = %s) tools [@look] effects "read" id "r" site "r" : (!data.str) -> i1
  workflow.return
}

// -----

// Queries of databases that may be written act.
workflow.workflow @W {
  workflow.source @s nats("a") : i64
  workflow.context @log database("sqlite:t.db") {read_only = false}
  workflow.context @db database("sqlite:t.db") {read_only = true}
  workflow.on @s (%e: i64) {
    // expected-error@+1 {{does not say what it does: `@log` may be written}}
    %a = agent.query @log () sql "DELETE FROM t" id "a" site "a" : () -> !data.json
    // expected-error@+1 {{does not say what it does: `@db` is read only}}
    %b = agent.query @db () sql "SELECT 1" effects "acts" id "b" site "b" : () -> !data.json
    // expected-error@+1 {{unknown effects `reads`: write acts, or nothing}}
    %c = agent.query @log () sql "SELECT 1" effects "reads" id "c" site "c" : () -> !data.json
    workflow.return
  }
}

// -----

// Spelling.
workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{[ir-syntax] expected the operands prompt, system, in this order}}
  %a = agent.llm "a/b" (question = %x) id "a" site "a" : (f64) -> f64
  workflow.return
}

// -----

workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{expected each of timeout, attempts, backoff, delay at most once}}
  %a = agent.model @m (x = %x) id "a" site "a" policy<tries = 3> : (f64) -> f64
  workflow.return
}

// -----

workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{expected a name for each operand, or for none}}
  %a = agent.model @m (x = %x, %x) id "a" site "a" : (f64, f64) -> f64
  workflow.return
}
