// RUN: kumeo-opt %s --split-input-file --verify-diagnostics --allow-unregistered-dialect

// The border: operands and fields have a form as a tensor, and the region has exactly these.
workflow.subworkflow @f (%x: f64, %i: i64, %s: !data.str, %l: !data.list<f64>, %o: !data.option<i64>) {
  // expected-error@+1 {{!data.str has no form as a tensor}}
  %a = agent.infer (s = %s) do (%v: tensor<?xi64>) {
    infer.yield (%v) : (tensor<?xi64>) -> ()
  } id "a" site "a" : (!data.str) -> !data.record<{v: i64}>
  // expected-error@+1 {{!data.list<f64> has no form as a tensor}}
  %b = agent.infer (l = %l) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "b" site "b" : (!data.list<f64>) -> !data.record<{v: f64}>
  // expected-error@+1 {{!data.option<i64> has no form as a tensor}}
  %c = agent.infer (o = %o) do (%v: tensor<?xi64>) {
    infer.yield (%v) : (tensor<?xi64>) -> ()
  } id "c" site "c" : (!data.option<i64>) -> !data.record<{v: i64}>
  // expected-error@+1 {{the arguments of the region do not carry the operands}}
  %d = agent.infer (x = %x) do (%v: tensor<?xi64>) {
    infer.yield (%v) : (tensor<?xi64>) -> ()
  } id "d" site "d" : (f64) -> !data.record<{v: i64}>
  // expected-error@+1 {{tensor<?xf64> does not carry `v`, which is i64}}
  %e = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "e" site "e" : (f64) -> !data.record<{v: i64}>
  // expected-error@+1 {{tensor<?xf64> does not carry `v`, which is !data.option<f64>}}
  %g = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "g" site "g" : (f64) -> !data.record<{v: !data.option<f64>}>
  // expected-error@+1 {{tensor<?xf64> does not carry `v`, which is !data.list<f64>}}
  %h = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "h" site "h" : (f64) -> !data.record<{v: !data.list<f64>}>
  // expected-error@+1 {{yields one tensor for each field of the result}}
  %j = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "j" site "j" : (f64) -> !data.record<{v: f64, w: f64}>
  // expected-error@+1 {{the result is a record}}
  %k = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "k" site "k" : (f64) -> f64
  // expected-error@+1 {{two inputs have the same name}}
  %m = agent.infer (x = %x, x = %x) do (%v: tensor<?xf64>, %w: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "m" site "m" : (f64, f64) -> !data.record<{v: f64}>
  // expected-error@+1 {{takes no fallback: it does not fail}}
  %n = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "n" site "n" fallback {
    infer.yield () : () -> ()
  } : (f64) -> !data.record<{v: f64}>
  workflow.return
}

// -----

// The region has one end.
workflow.subworkflow @f (%x: f64) {
  %a = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    // expected-error@+1 {{is not the last op of its block: remove what follows}}
    infer.yield (%v) : (tensor<?xf64>) -> ()
    infer.yield (%v) : (tensor<?xf64>) -> ()
  } id "a" site "a" : (f64) -> !data.record<{v: f64}>
  workflow.return
}

// -----

// What a region yields has a batch in front.
workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{tensor<1xf64> does not carry `v`, which is f64}}
  %a = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    %one = infer.constant () value dense<1.0> : tensor<1xf64> : () -> (tensor<1xf64>)
    // expected-error@+1 {{yields tensors, the batch in front}}
    infer.yield (%one) : (tensor<1xf64>) -> ()
  } id "a" site "a" : (f64) -> !data.record<{v: f64}>
  workflow.return
}

// -----

workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{the region holds ops on tensors alone, not `data.constant`}}
  %a = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    %one = data.constant 1.0 : f64
    // expected-error@+1 {{f64 is no tensor}}
    infer.yield (%one) : (f64) -> ()
  } id "a" site "a" : (f64) -> !data.record<{v: !data.list<f64>}>
  workflow.return
}

// -----

// The region ends with infer.yield.
workflow.subworkflow @f (%x: f64) {
  // expected-error@+1 {{has a region that ends in `agent.yield`: end it with `infer.yield`}}
  %a = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    // expected-error@+1 {{yields tensor<?xf64>, but the agent gives !data.record<{v: f64}>}}
    agent.yield %v : tensor<?xf64>
  } id "a" site "a" : (f64) -> !data.record<{v: f64}>
  workflow.return
}

// -----

// The region reads its arguments alone.
workflow.subworkflow @f (%x: f64) {
  %t = "t.v"() : () -> tensor<?xf64>
  %a = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    // expected-error@+1 {{there is no value `%t` here}}
    %s = infer.add (%v, %t) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
    infer.yield (%s) : (tensor<?xf64>) -> ()
  } id "a" site "a" : (f64) -> !data.record<{v: f64}>
  workflow.return
}

// -----

// Models are declared, and are of the right kind.
workflow.model @m onnx("m.onnx")
workflow.subworkflow @f (%x: !data.enum<"a", "b">) {
  %a = agent.infer (x = %x) do (%v: tensor<?xi64>) {
    // expected-error@+1 {{`infer.bayes` uses `@net`, but no model or context has this name}}
    %p, %ok = infer.bayes @net (%v) names ["A"] query "Q" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
    // expected-error@+1 {{`infer.bayes` uses `@m`, a model of the kind onnx: it needs bayesian}}
    %q, %oq = infer.bayes @m (%v) names ["A"] query "Q" states 2 : i64 : (tensor<?xi64>) -> (tensor<?x2xf64>, tensor<?xi1>)
    // expected-error@+1 {{`infer.onnx` uses `@none`, but no model has this name}}
    %r = infer.onnx @none (%v) : (tensor<?xi64>) -> (tensor<?x1xf64>)
    infer.yield (%ok) : (tensor<?xi1>) -> ()
  } id "a" site "a" : (!data.enum<"a", "b">) -> !data.record<{v: i1}>
  workflow.return
}

// -----

// A value is used after it is made.
workflow.subworkflow @f (%x: f64) {
  %a = agent.infer (x = %x) do (%v: tensor<?xf64>) {
    // expected-error@+1 {{`infer.neg` reads %t, which is made only later}}
    %s = infer.neg (%t) : (tensor<?xf64>) -> (tensor<?xf64>)
    %t = infer.neg (%v) : (tensor<?xf64>) -> (tensor<?xf64>)
    infer.yield (%s) : (tensor<?xf64>) -> ()
  } id "a" site "a" : (f64) -> !data.record<{v: f64}>
  workflow.return
}
