// A numeric program between two data agents; `test_numeric_package.py` builds a package from it.
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Alarms {
    workflow.source @events nats("events") : !data.record<{id: !data.str, amount: f64, night: !data.option<!data.enum<"no", "yes">>}>
    workflow.target @out nats("out")
    workflow.on @events (%e: !data.record<{id: !data.str, amount: f64, night: !data.option<!data.enum<"no", "yes">>}>) {
      %a = data.get %e["amount"] : f64
      %n0 = data.get %e["night"] : !data.option<!data.enum<"no", "yes">>
      %n = agent.infer (amount = %a, night = %n0) do (%x: tensor<?xf64>, %y: tensor<?xi64>) {
        %two = infer.constant () value dense<2.0> : tensor<f64> : () -> (tensor<f64>)
        %one = infer.constant () value dense<1> : tensor<i64> : () -> (tensor<i64>)
        %t = infer.constant () value dense<[0.5, 0.1, 0.9]> : tensor<3xf64> : () -> (tensor<3xf64>)
        %i = infer.add (%y, %one) : (tensor<?xi64>, tensor<i64>) -> (tensor<?xi64>)
        %p = infer.gather (%t, %i) axis 0 : i64 : (tensor<3xf64>, tensor<?xi64>) -> (tensor<?xf64>)
        %s = infer.mul (%x, %two) : (tensor<?xf64>, tensor<f64>) -> (tensor<?xf64>)
        %ok = infer.compare (%x, %two) predicate "gt" : (tensor<?xf64>, tensor<f64>) -> (tensor<?xi1>)
        %p1 = infer.expand_dims (%p) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %s1 = infer.expand_dims (%s) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %ps = infer.concat (%p1, %s1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x2xf64>)
        infer.yield (%p, %s, %ok, %ps) : (tensor<?xf64>, tensor<?xf64>, tensor<?xi1>, tensor<?x2xf64>) -> ()
      } id "infer.risk" site "infer.risk" : (f64, !data.option<!data.enum<"no", "yes">>) -> !data.record<{"risk.p": f64, score: f64, "risk.ok": i1, shares: !data.list<f64>}>
      %risk = agent.process (%n) do (%v: !data.record<{"risk.p": f64, score: f64, "risk.ok": i1, shares: !data.list<f64>}>) {
        %p = data.get %v["risk.p"] : f64
        %shares = data.get %v["shares"] : !data.list<f64>
        %one = data.constant 1 : i64
        %s = data.index %shares, %one : f64
        %ok = data.get %v["risk.ok"] : i1
        %q = data.require %ok, %p "impossible-evidence" "the network gives the evidence probability zero" : f64
        %r = data.record {yes = %q, score = %s}
        agent.yield %r : !data.record<{yes: f64, score: f64}>
      } id "risk" site "risk" : (!data.record<{"risk.p": f64, score: f64, "risk.ok": i1, shares: !data.list<f64>}>) -> !data.record<{yes: f64, score: f64}>
      workflow.emit %risk : !data.record<{yes: f64, score: f64}> to @out site "out"
      workflow.return
    }
  }
}
