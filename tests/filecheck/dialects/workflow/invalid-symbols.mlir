// RUN: kumeo-opt %s --split-input-file --verify-diagnostics

// Names that stand for something else, or for nothing.
workflow.workflow @W {
  workflow.source @transactions nats("a") : f64
  workflow.target @alerts nats("b")
  workflow.config @limit : f64 = 1.0 : f64
  // expected-error@+1 {{[ir-symbol] `workflow.on` uses `@transactions`, which is a source, not a target}}
  workflow.on @transactions (%x: f64) on_error @transactions {
    // expected-error@+1 {{`workflow.emit` uses `@transactions`, which is a source, not a target}}
    workflow.emit %x : f64 to @transactions site "a"
    // expected-error@+1 {{`workflow.emit` uses `@alertz`, but no target has this name}}
    workflow.emit %x : f64 to @alertz site "b"
    // expected-error@+1 {{`workflow.config_value` uses `@alerts`, which is a target, not a config value}}
    %y = workflow.config_value @alerts : f64
    // expected-error@+1 {{gives i64, but the value is a f64}}
    %z = workflow.config_value @limit : i64
    // expected-error@+1 {{uses `@W`, which is a workflow, not a subworkflow}}
    workflow.call @W() site "c" : () -> ()
    workflow.return
  }
}

// -----

// A name is declared once in each table; a workflow may hide a name of the module.
workflow.target @t nats("a")
workflow.workflow @W {
  workflow.target @t nats("a")
  // expected-error@+1 {{`workflow.source` declares `@t` again: rename one of the two}}
  workflow.source @t nats("b") : f64
}

// -----

// Calls fit the signature.
workflow.subworkflow @f (%x: f64) -> (f64) {
  workflow.return %x : f64
}
workflow.subworkflow @g (%n: i64) {
  // expected-error@+1 {{passes i64, but `@f` takes f64}}
  %a = workflow.call @f(%n) site "a" : (i64) -> (f64)
  workflow.return
}
workflow.subworkflow @h (%x: f64) {
  // expected-error@+1 {{expects nothing, but `@f` gives f64}}
  workflow.call @f(%x) site "a" : (f64) -> ()
  workflow.return
}

// -----

// Subworkflows do not recurse, directly or in a circle.
workflow.subworkflow @self () {
  // expected-error@+1 {{calls itself in a circle (@self -> @self): subworkflows cannot recurse}}
  workflow.call @self() site "a" : () -> ()
  workflow.return
}
workflow.subworkflow @a () {
  workflow.call @b() site "b" : () -> ()
  workflow.return
}
workflow.subworkflow @b () {
  workflow.call @c() site "c" : () -> ()
  workflow.return
}
workflow.subworkflow @c () {
  // expected-error@+1 {{calls itself in a circle (@a -> @b -> @c -> @a)}}
  workflow.call @a() site "a" : () -> ()
  workflow.return
}

// -----

// Calling one subworkflow twice is no circle.
workflow.subworkflow @leaf () {
  workflow.return
}
workflow.subworkflow @twice () {
  workflow.call @leaf() site "a" : () -> ()
  workflow.call @leaf() site "b" : () -> ()
  workflow.return
}
