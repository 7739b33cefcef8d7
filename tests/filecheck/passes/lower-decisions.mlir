// RUN: kumeo-opt %s -p lower-decisions | filecheck %s
// RUN: kumeo-opt %s -p lower-decisions,lower-decisions | filecheck %s
// RUN: kumeo-opt %s -p lower-decisions --check-semantics=32 -o /dev/null

// The first rule is the outermost choice. A sum has the order of its criteria. A product of a
// negative criterion is NaN, by its square root. Alternatives are compared with their extremes.
// CHECK-LABEL: workflow.workflow @Decisions
// CHECK:       %[[NONE:.*]] = infer.constant () value dense<-1>
// CHECK:       %[[LAST:.*]] = infer.select (%b_1, %{{.*}}, %[[NONE]])
// CHECK:       infer.select (%a_1, %{{.*}}, %[[LAST]])
// CHECK:       %[[HALF:.*]] = infer.mul (%y_1, %{{.*}})
// CHECK:       infer.add (%x_1, %[[HALF]])
// CHECK:       infer.sqrt (%x_1)
// CHECK:       infer.select
// CHECK:       infer.pow
// CHECK:       infer.div
// CHECK:       infer.reduce_max
// CHECK:       infer.reduce_min
// CHECK-NOT:   infer.rules
// CHECK-NOT:   infer.score
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Decisions {
    workflow.source @s nats("a") : !data.record<{x: f64, y: f64, a: i1, b: i1}>
    workflow.target @t nats("t")
    workflow.on @s (%s: !data.record<{x: f64, y: f64, a: i1, b: i1}>) {
      %x = data.get %s["x"] : f64
      %y = data.get %s["y"] : f64
      %a = data.get %s["a"] : i1
      %b = data.get %s["b"] : i1
      %n = agent.infer (x = %x, y = %y, a = %a, b = %b) do (%x: tensor<?xf64>, %y: tensor<?xf64>, %a: tensor<?xi1>, %b: tensor<?xi1>) {
        %rule = infer.rules (%a, %b) : (tensor<?xi1>, tensor<?xi1>) -> (tensor<?xi64>)
        %sum = infer.score (%x, %y) method "weighted_sum" weights array<f64: 1.0, 0.5> : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        %product = infer.score (%x, %y) method "weighted_product" weights array<f64: 2.0, 1.0> : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        %close = infer.score (%x, %y) method "topsis" weights array<f64: 2.0, 1.0> : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        %x1 = infer.expand_dims (%x) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %y1 = infer.expand_dims (%y) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %two = infer.concat (%x1, %y1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x2xf64>)
        %each = infer.score (%two, %two) method "topsis" weights array<f64: 2.0, 1.0> : (tensor<?x2xf64>, tensor<?x2xf64>) -> (tensor<?x2xf64>)
        infer.yield (%rule, %sum, %product, %close, %each) : (tensor<?xi64>, tensor<?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<?x2xf64>) -> ()
      } id "infer.d" site "infer.d" : (f64, f64, i1, i1) -> !data.record<{rule: i64, sum: f64, product: f64, close: f64, each: !data.list<f64>}>
      workflow.emit %n : !data.record<{rule: i64, sum: f64, product: f64, close: f64, each: !data.list<f64>}> to @t site "t"
      workflow.return
    }
  }
}
