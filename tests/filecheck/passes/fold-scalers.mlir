// RUN: kumeo-opt %s --split-input-file -p fold-scalers | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p fold-scalers,fold-scalers | filecheck %s
// RUN: kumeo-opt %s --split-input-file -p fold-scalers --remarks -o /dev/null 2>&1 | filecheck %s --check-prefix=REMARK
// RUN: kumeo-opt %s --split-input-file -p 'fold-scalers{widen=true}' | filecheck %s --check-prefix=WIDE

// Trees read the features themselves; the largest number that goes to the true side is the threshold.
// CHECK-LABEL: workflow.workflow @Trees
// CHECK-NOT:   infer.sub
// CHECK-NOT:   infer.constant
// CHECK:       infer.trees (%pair) mode "leq" {{.*}} threshold array<f64: 7.000000e+00, 0.000000e+00, 0.000000e+00>
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Trees {
    workflow.source @s nats("a") : !data.record<{x: f64, y: f64}>
    workflow.on @s (%s: !data.record<{x: f64, y: f64}>) {
      %x = data.get %s["x"] : f64
      %y = data.get %s["y"] : f64
      %n = agent.infer (x = %x, y = %y) do (%a: tensor<?xf64>, %b: tensor<?xf64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %b1 = infer.expand_dims (%b) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %pair = infer.concat (%a1, %b1) axis 1 : i64 : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x2xf64>)
        %mean = infer.constant () value dense<[3.0, 9.0]> : tensor<2xf64> : () -> (tensor<2xf64>)
        %scale = infer.constant () value dense<[2.0, 0.5]> : tensor<2xf64> : () -> (tensor<2xf64>)
        %c = infer.sub (%pair, %mean) : (tensor<?x2xf64>, tensor<2xf64>) -> (tensor<?x2xf64>)
        %d = infer.div (%c, %scale) : (tensor<?x2xf64>, tensor<2xf64>) -> (tensor<?x2xf64>)
        %t = infer.trees (%d) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 2.0, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 1, 0, 0> values dense<[[0.0], [1.0], [2.0]]> : tensor<3x1xf64> base array<f64: 0.0> : (tensor<?x2xf64>) -> (tensor<?x1xf64>)
        %r = infer.column (%t) axis 1 : i64 index 0 : i64 : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%r) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64, f64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
}

// -----

// The weights and the bias of a matrix take the scaler in.
// CHECK-LABEL: workflow.workflow @Linear
// CHECK-NOT:   infer.div
// CHECK:       infer.linear (%a1) weights dense<3.000000e+00> : tensor<1x1xf64> bias dense<-1.100000e+01> : tensor<1xf64>
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Linear {
    workflow.source @s nats("a") : f64
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %mean = infer.constant () value dense<4.0> : tensor<1xf64> : () -> (tensor<1xf64>)
        %scale = infer.constant () value dense<2.0> : tensor<1xf64> : () -> (tensor<1xf64>)
        %c = infer.sub (%a1, %mean) : (tensor<?x1xf64>, tensor<1xf64>) -> (tensor<?x1xf64>)
        %d = infer.div (%c, %scale) : (tensor<?x1xf64>, tensor<1xf64>) -> (tensor<?x1xf64>)
        %t = infer.linear (%d) weights dense<6.0> : tensor<1x1xf64> bias dense<1.0> : tensor<1xf64> : (tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %r = infer.column (%t) axis 1 : i64 index 0 : i64 : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%r) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
}

// -----

// Trees that compare float32 stay behind their scaler, unless they may become trees of float64.
// CHECK-LABEL: workflow.workflow @Narrow
// CHECK:       infer.mul
// CHECK:       infer.trees ({{.*}}tensor<?x1xf32>
// REMARK:      the scaler stays: its trees compare float32 (option `widen`)
// WIDE-LABEL:  workflow.workflow @Narrow
// WIDE-NOT:    infer.mul
// WIDE:        infer.trees (%a1) {{.*}} threshold array<f64: 0.{{[0-9]+}}, 0.000000e+00, 0.000000e+00> {{.*}} : (tensor<?x1xf64>) -> (tensor<?x1xf64>)
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Narrow {
    workflow.source @s nats("a") : f64
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %two = infer.constant () value dense<2.0> : tensor<f64> : () -> (tensor<f64>)
        %c = infer.mul (%a1, %two) : (tensor<?x1xf64>, tensor<f64>) -> (tensor<?x1xf64>)
        %f = infer.cast (%c) to "f32" : (tensor<?x1xf64>) -> (tensor<?x1xf32>)
        %t = infer.trees (%f) mode "leq" roots array<i64: 0> feature array<i64: 0, 0, 0> threshold array<f64: 1.5, 0.0, 0.0> true_child array<i64: 1, -1, -1> false_child array<i64: 2, -1, -1> missing_true array<i64: 0, 0, 0> values dense<[[0.0], [1.0], [2.0]]> : tensor<3x1xf32> base array<f64: 0.0> : (tensor<?x1xf32>) -> (tensor<?x1xf32>)
        %w = infer.cast (%t) to "f64" : (tensor<?x1xf32>) -> (tensor<?x1xf64>)
        %r = infer.column (%w) axis 1 : i64 index 0 : i64 : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%r) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
}

// -----

// A factor below zero turns the order around; a scaler whose result is read elsewhere is needed.
// CHECK-LABEL: workflow.workflow @Guards
// CHECK:       infer.mul
// CHECK:       infer.sub
// REMARK:      the scaler stays: one of its factors is not positive
// REMARK:      the scaler stays: something else reads what it gives
// REMARK:      the scaler stays: its weights would lose digits to cancellation
builtin.module attributes {kumeo.level = "numeric"} {
  workflow.workflow @Guards {
    workflow.source @s nats("a") : f64
    workflow.on @s (%x: f64) {
      %n = agent.infer (x = %x) do (%a: tensor<?xf64>) {
        %a1 = infer.expand_dims (%a) axes array<i64: 1> : (tensor<?xf64>) -> (tensor<?x1xf64>)
        %minus = infer.constant () value dense<-2.0> : tensor<f64> : () -> (tensor<f64>)
        %big = infer.constant () value dense<1.0e12> : tensor<f64> : () -> (tensor<f64>)
        %c = infer.mul (%a1, %minus) : (tensor<?x1xf64>, tensor<f64>) -> (tensor<?x1xf64>)
        %t = infer.linear (%c) weights dense<6.0> : tensor<1x1xf64> bias dense<1.0> : tensor<1xf64> : (tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %d = infer.sub (%a1, %minus) : (tensor<?x1xf64>, tensor<f64>) -> (tensor<?x1xf64>)
        %u = infer.linear (%d) weights dense<6.0> : tensor<1x1xf64> bias dense<1.0> : tensor<1xf64> : (tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %v = infer.add (%u, %d) : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %e = infer.sub (%a1, %big) : (tensor<?x1xf64>, tensor<f64>) -> (tensor<?x1xf64>)
        %w = infer.linear (%e) weights dense<6.0> : tensor<1x1xf64> bias dense<1.0> : tensor<1xf64> : (tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %tv = infer.add (%t, %v) : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %all = infer.add (%tv, %w) : (tensor<?x1xf64>, tensor<?x1xf64>) -> (tensor<?x1xf64>)
        %r = infer.column (%all) axis 1 : i64 index 0 : i64 : (tensor<?x1xf64>) -> (tensor<?xf64>)
        infer.yield (%r) : (tensor<?xf64>) -> ()
      } id "infer.m" site "infer.m" : (f64) -> !data.record<{value: f64}>
      workflow.return
    }
  }
}

// -----

// An empty module stays empty.
// CHECK: builtin.module {
// CHECK-NEXT: }
builtin.module {}
