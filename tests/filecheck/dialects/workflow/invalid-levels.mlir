// RUN: kumeo-opt %s --split-input-file --allow-unregistered-dialect --verify-diagnostics

// Each level has its dialects.
builtin.module attributes {kumeo.level = "workflow"} {
  // expected-error@+1 {{[ir-level] `infer.trees` does not exist at the level `workflow`}}
  "infer.trees"() : () -> ()
  workflow.workflow @W {
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
  "infer.trees"() : () -> ()
}

// -----

// A misspelt op of a known dialect is an error, although unknown dialects are allowed.
// expected-error@+1 {{[ir-syntax] there is no op `workflow.fi`}}
"workflow.fi"() : () -> ()

// -----

// expected-error@+1 {{[ir-syntax] there is no type or attribute `data.string`}}
%x = "other.op"() : () -> !data.string
