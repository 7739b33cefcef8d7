// RUN: kumeo-opt %s -t onnx --split-input-file | filecheck %s

// Nodes are called by their agent and their result; an output by its field. An index that comes from
// an enum needs no check.

builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Alarms {
    workflow.source @events nats("events") : !data.record<{amount: f64, night: !data.enum<"no", "yes">}>
    workflow.target @out nats("out")
    workflow.on @events (%e: !data.record<{amount: f64, night: !data.enum<"no", "yes">}>) {
      %a = data.get %e["amount"] : f64
      %s = data.get %e["night"] : !data.enum<"no", "yes">
      %n = agent.infer (amount = %a, night = %s) do (%x: tensor<?xf64>, %y: tensor<?xi64>) {
        %table = infer.constant () value dense<[0.5, 0.25]> : tensor<2xf64> : () -> (tensor<2xf64>)
        %p = infer.gather (%table, %y) axis 0 attributes {agent = "risk"} : (tensor<2xf64>, tensor<?xi64>) -> (tensor<?xf64>)
        %w = infer.mul (%p, %x) : (tensor<?xf64>, tensor<?xf64>) -> (tensor<?xf64>)
        infer.yield (%p, %w, %x) : (tensor<?xf64>, tensor<?xf64>, tensor<?xf64>) -> ()
      } id "n" site "n" : (f64, !data.enum<"no", "yes">) -> !data.record<{"risk.yes": f64, cost: f64, amount: f64}>
      workflow.emit %n : !data.record<{"risk.yes": f64, cost: f64, amount: f64}> to @out site "out"
      workflow.return
    }
  }
}

// CHECK: model "n" ir 10, opset 21, ai.onnx.ml 3
// CHECK-NEXT: in   amount : float64[batch]
// CHECK-NEXT: in   night : int64[batch]
// CHECK-NEXT: let  table : float64[2] = 0.5 0.25
// CHECK-NEXT: node risk/gather_risk.yes : Gather(table, night) -> risk.yes {axis=0}  // {{.*}}onnx.mlir:15:9
// CHECK-NEXT: node n/mul_cost : Mul(risk.yes, amount) -> cost  // {{.*}}onnx.mlir:16:9
// CHECK-NEXT: node n/identity_amount_2 : Identity(amount) -> amount_2
// CHECK-NEXT: out  risk.yes : float64[batch]
// CHECK-NEXT: out  cost : float64[batch]
// CHECK-NEXT: out  amount_2 : float64[batch]

// -----

// Trees of float64 find leaves only; their values are added in float64. Equal constants are one.

builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Trees {
    workflow.source @events nats("events") : f64
    workflow.target @out nats("out")
    workflow.on @events (%a: f64) {
      %n = agent.infer (a = %a) do (%x: tensor<?xf64>) {
        %column = infer.expand_dims (%x) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %t = infer.trees (%column) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 0.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 1, 0, 0> values dense<[[0.0], [1.0], [2.0]]> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %y = infer.squeeze (%t) axes array<i64: 1> : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%y) : (tensor<?xf64>) -> ()
      } id "n" site "n" : (f64) -> !data.record<{y: f64}>
      workflow.emit %n : !data.record<{y: f64}> to @out site "out"
      workflow.return
    }
  }
}

// CHECK: node n/treeensembleregressor_t_leaves : TreeEnsembleRegressor(column) -> t_leaves
// CHECK-SAME: nodes_missing_value_tracks_true=[1 0 0]
// CHECK-SAME: nodes_modes=[BRANCH_LEQ LEAF LEAF]
// CHECK-NEXT: node n/cast_t_index : Cast(t_leaves) -> t_index
// CHECK-NEXT: node n/gather_t_each : Gather(t_values, t_index) -> t_each {axis=0}
// CHECK-NEXT: node n/reducesum_t : ReduceSum(t_each, axes) -> t {keepdims=0}
// CHECK-NEXT: node n/squeeze_y : Squeeze(t, axes) -> y
