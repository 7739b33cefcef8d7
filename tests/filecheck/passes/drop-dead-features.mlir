// RUN: kumeo-opt %s --split-input-file -p drop-dead-features | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p drop-dead-features,drop-dead-features | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p drop-dead-features --remarks -o /dev/null 2>&1 | filecheck %s --check-prefix=REMARK

// The second feature is compared nowhere: it goes, with its place in the scaler and its operand.
// CHECK-LABEL: workflow.workflow @Trees
// CHECK:       agent.infer (x = %x, z = %z) do (%a: tensor<?xf64>, %c: tensor<?xf64>)
// CHECK:       %pair = infer.concat (%a1, %c1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x2xf64>)
// CHECK:       infer.constant () value dense<[3.000000e+00, 7.000000e+00]> : tensor<2xf64>
// CHECK:       infer.trees {{.*}} feature array<i64: 0, 1, 0, 0, 0>
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Trees {
    workflow.source @s nats("a") : !data.record<{x: f64, y: f64, z: f64}>
    workflow.on @s (%s: !data.record<{x: f64, y: f64, z: f64}>) {
      %x = data.get %s["x"] : f64
      %y = data.get %s["y"] : f64
      %z = data.get %s["z"] : f64
      %n = agent.infer (x = %x, y = %y, z = %z) do (%a: tensor<?xf64>, %b: tensor<?xf64>, %c: tensor<?xf64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %b1 = infer.expand_dims (%b) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %c1 = infer.expand_dims (%c) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %pair = infer.concat (%a1, %b1, %c1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x3xf64>)
        %mean = infer.constant () value dense<[3.0, 9.0, 7.0]> : tensor<3xf64> : () -> (tensor<3xf64>)
        %d = infer.sub (%pair, %mean) : (tensor<?x3xf64>, tensor<3xf64>) -> (tensor<?x3xf64>)
        %t = infer.trees (%d) mode "leq" roots array<i64: 0> feature array<i64: 0, 2, 0, 0, 0> threshold array<f64: 2.0, 1.0, 0.0, 0.0, 0.0> true_child array<i64: 1, 3, -1, -1, -1> false_child array<i64: 2, 4, -1, -1, -1> missing_true array<i64: 1, 0, 0, 0, 0> values dense<[[0.0], [0.0], [2.0], [3.0], [4.0]]> : tensor<5x1xf64> base array<f64: 0.0> : (tensor<?x3xf64>) -> (tensor<?x1xf64>)
        %r = infer.column (%t) axis 1 : i64 index 0 : i64 : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%r) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64, f64, f64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
}

// -----

// A weight of zero does not read a whole number, but it reads a float, which may be no number.
// CHECK-LABEL: workflow.workflow @Linear
// CHECK:       agent.infer (x = %x, y = %y) do (%a: tensor<?xf64>, %b: tensor<?xf64>)
// CHECK:       infer.linear {{.*}} weights dense<{{\[\[}}1.000000e+00], [0.000000e+00]]> : tensor<2x1xf64>
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Linear {
    workflow.source @s nats("a") : !data.record<{x: f64, y: f64, z: i64}>
    workflow.on @s (%s: !data.record<{x: f64, y: f64, z: i64}>) {
      %x = data.get %s["x"] : f64
      %y = data.get %s["y"] : f64
      %z = data.get %s["z"] : i64
      %n = agent.infer (x = %x, y = %y, z = %z) do (%a: tensor<?xf64>, %b: tensor<?xf64>, %c: tensor<?xi64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %b1 = infer.expand_dims (%b) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %f = infer.cast (%c) to "f64" : (tensor<?xi64>) -> (tensor<?xf64>)
        %c1 = infer.expand_dims (%f) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %all = infer.concat (%a1, %b1, %c1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x3xf64>)
        %t = infer.linear (%all) weights dense<[[1.0], [0.0], [0.0]]> : tensor<3x1xf64> bias dense<1.0> : tensor<1xf64> : (tensor<?x3xf64>) -> (tensor<?x1xf64>)
        %r = infer.column (%t) axis 1 : i64 index 0 : i64 : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%r) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64, f64, i64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
}

// -----

// An operand that may fail stays: the agent fails with it, read or not. What others read stays, too.
// CHECK-LABEL: workflow.workflow @Guards
// CHECK:       agent.infer (x = %x, y = %y) do
// CHECK:       infer.concat (%a1, %b1)
// REMARK:      `y` stays: its failure is the agent's
// REMARK:      unread features stay: something else reads all of them
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Failing {
    workflow.source @s nats("a") : !data.record<{x: f64, y: !data.json}>
    workflow.on @s (%s: !data.record<{x: f64, y: !data.json}>) {
      %x = data.get %s["x"] : f64
      %text = data.get %s["y"] : !data.json
      %y = data.cast %text : f64
      %n = agent.infer (x = %x, y = %y) do (%a: tensor<?xf64>, %b: tensor<?xf64>) {
        infer.yield (%a) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64, f64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
  workflow.workflow @Guards {
    workflow.source @s nats("b") : !data.record<{x: f64, y: f64}>
    workflow.on @s (%s: !data.record<{x: f64, y: f64}>) {
      %x = data.get %s["x"] : f64
      %y = data.get %s["y"] : f64
      %n = agent.infer (x = %x, y = %y) do (%a: tensor<?xf64>, %b: tensor<?xf64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %b1 = infer.expand_dims (%b) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %all = infer.concat (%a1, %b1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x2xf64>)
        %t = infer.trees (%all) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 1.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<[[0.0], [1.0], [2.0]]> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
        infer.yield (%all, %t) : (tensor<?x2xf64>, tensor<?x1xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64, f64) -> !data.record<{all: !data.list<f64>, value: !data.list<f64>}>
      workflow.return
    }
  }
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
