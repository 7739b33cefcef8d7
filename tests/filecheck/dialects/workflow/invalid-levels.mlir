// RUN: kumeo-opt %s --split-input-file --allow-unregistered-dialect --verify-diagnostics

// Each level has its dialects.
builtin.module attributes {kumeo.level = "workflow"} {
  // expected-error@+1 {{[ir-level] `infer.constant` does not exist at the level `workflow`}}
  %c = infer.constant () value dense<1.0> : tensor<f64> : () -> (tensor<f64>)
  workflow.workflow @W {
  }
}

// -----

// Numeric programs exist from the level `numeric` on.
builtin.module attributes {kumeo.level = "workflow"} {
  workflow.subworkflow @f (%x: f64) {
    // expected-error@+1 {{`agent.infer` does not exist at the level `workflow`}}
    %n = agent.infer (a = %x) do (%a: tensor<?xf64>) {
      // expected-error@+1 {{`infer.yield` does not exist at the level `workflow`}}
      infer.yield (%a) : (tensor<?xf64>) -> ()
    } id "n" site "n" : (f64) -> !data.record<{a: f64}>
    workflow.return
  }
}

// -----

builtin.module attributes {kumeo.level = "numeric"} {
  workflow.subworkflow @f (%x: f64) {
    %n = agent.infer (a = %x) do (%a: tensor<?xf64>) {
      infer.yield (%a) : (tensor<?xf64>) -> ()
    } id "n" site "n" : (f64) -> !data.record<{a: f64}>
    workflow.return
  }
}

// -----

// expected-error@+1 {{unknown level "wrkflow": write one of "workflow", "numeric", "stages", "messaging"}}
builtin.module attributes {kumeo.level = "wrkflow"} {
}

// -----

// expected-error@+1 {{unknown level 3 : i64}}
builtin.module attributes {kumeo.level = 3 : i64} {
}

// -----

builtin.module attributes {kumeo.level = "messaging"} {
  workflow.workflow @W {
    workflow.source @s nats("s") : f64
    // expected-error@+1 {{`workflow.on` does not exist at the level `messaging`}}
    workflow.on @s (%x: f64) {
      workflow.return
    }
  }
}

// -----

// Without a level nothing is checked.
builtin.module {
  %c = infer.constant () value dense<1.0> : tensor<f64> : () -> (tensor<f64>)
}

// -----

// A misspelt op of a known dialect is an error, although unknown dialects are allowed.
// expected-error@+1 {{[ir-syntax] there is no op `workflow.fi`}}
"workflow.fi"() : () -> ()

// -----

// expected-error@+1 {{[ir-syntax] there is no type or attribute `data.string`}}
%x = "other.op"() : () -> !data.string
